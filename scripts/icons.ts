/**
 * Draws the icon, a disc that gathers out of scattered light as a picture does out of noise, and renders every size of
 * it: `npm run icons`. The drawing is a formula, so that it can be changed by changing a number.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./browser.mjs";

const SIDE = 512;
const CENTRE = SIDE / 2;
const DOTS = 150;
/** Neighbouring dots turn by the golden angle, as seeds in a sunflower do, so that no arms or rings show. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const FOLDER = "public/icons";

type Shape = "tile" | "full";

/** @param reach radius of the outermost dots. */
function draw(shape: Shape, reach: number): string {
  const disc = reach * 0.46;
  const dots = Array.from({ length: DOTS }, (_, i) => dot(i, disc, reach)).join("\n    ");
  const corner = shape === "tile" ? SIDE * 0.225 : 0;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}">
  <defs>
    <radialGradient id="disc" cx="0.36" cy="0.3" r="0.85">
      <stop offset="0" stop-color="#fff3d6"/>
      <stop offset="0.35" stop-color="#ffb26b"/>
      <stop offset="0.75" stop-color="#ff6b6b"/>
      <stop offset="1" stop-color="#c94f9b"/>
    </radialGradient>
    <radialGradient id="night" cx="0.5" cy="0.5" r="0.75">
      <stop offset="0" stop-color="#2b2440"/>
      <stop offset="1" stop-color="#14121c"/>
    </radialGradient>
  </defs>
  <rect width="${SIDE}" height="${SIDE}" rx="${round(corner)}" fill="url(#night)"/>
  <g>
    ${dots}
  </g>
  <circle cx="${CENTRE}" cy="${CENTRE}" r="${round(disc)}" fill="url(#disc)"/>
</svg>
`;
}

/** Dots of equal density between the disc and `reach`: large, warm and close within; small, cool and faint without. */
function dot(i: number, disc: number, reach: number): string {
  const along = (i + 0.5) / DOTS;
  const radius = Math.sqrt(disc ** 2 + along * (reach ** 2 - disc ** 2));
  const angle = i * GOLDEN_ANGLE;
  const x = CENTRE + radius * Math.cos(angle);
  const y = CENTRE + radius * Math.sin(angle);
  const size = reach * (0.062 - 0.046 * along);
  const hue = 345 - 165 * along;
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(size)}" fill="hsl(${Math.round(hue)} 75% 68%)" opacity="${round(1 - 0.55 * along)}"/>`;
}

const round = (value: number) => Math.round(value * 100) / 100;

const tile = draw("tile", SIDE * 0.43);
/** Everything within the middle 80 %, which no mask cuts. */
const full = draw("full", SIDE * 0.37);

mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/icon.svg`, tile);
const browser = await chromium.launch({
  ...(findBrowser() === null ? {} : { executablePath: findBrowser() ?? "" }),
  args: [...BROWSER_ARGS],
});
const sizes = [
  { name: "icon-192", drawing: tile, sidePx: 192 },
  { name: "icon-512", drawing: tile, sidePx: 512 },
  { name: "maskable-512", drawing: full, sidePx: 512 },
  { name: "apple-touch-180", drawing: full, sidePx: 180 },
];
for (const { name, drawing, sidePx } of sizes) {
  const page = await browser.newPage({ viewport: { width: sidePx, height: sidePx } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
  await page.screenshot({ path: `${FOLDER}/${name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();
