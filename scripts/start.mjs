/** `npm start`: installs and builds what is missing, serves the site on this machine, and opens it. */

import { ensurePackages, ensureSite, giveUp } from "./setup.mjs";

const { PORT, CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
const FIRST_PORT = 5173;

ensurePackages();
const port = PORT ? Number(PORT) : FIRST_PORT;
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  giveUp(`PORT must be a whole number from 1 to 65535, and it is "${PORT}": set another, or none.`);
}
if (!ensureSite())
  giveUp("The site could not be built: what stands above says why; `npm ci` puts the packages right.");

const { preview } = await import("vite");
const hasScreen = ["darwin", "win32"].includes(process.platform) || Boolean(DISPLAY || WAYLAND_DISPLAY);
const server = await preview({
  logLevel: "warn",
  preview: {
    host: "127.0.0.1",
    port,
    // A port that was asked for is meant; the usual one gives way to the next free one.
    strictPort: PORT !== undefined,
    open: hasScreen && !CI && !process.argv.includes("--no-open"),
  },
}).catch((error) =>
  giveUp(`Port ${port} could not be had (${error.message}): set PORT to another, or to none.`),
);

const address = server.httpServer.address();
console.log(`Afterimage is at http://localhost:${address.port}/ (Ctrl+C ends it)`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.httpServer.closeAllConnections();
    server.httpServer.close(() => process.exit(0));
  });
}
