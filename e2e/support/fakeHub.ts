/** A hub with one repository in it: a folder of this machine under a hub's addresses, served as well or badly as a test likes. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { FaultyServer, type Quirks } from "./faultyServer";

/** The controls that a test has. */
export interface FakeHub {
  /** Its address, as the settings of the page want it. */
  readonly url: string;
  readonly server: FaultyServer;
  /** All that a page may fetch of it, in bytes. */
  readonly totalBytes: number;
  stop(): Promise<void>;
}

/** @param quirks of the answer to the first, second, … request for a file, by its path in the repository. */
export async function startHub(
  repository: string,
  folder: string,
  quirks: (path: string, time: number) => Quirks = () => ({}),
): Promise<FakeHub> {
  const server = new FaultyServer();
  await server.start();
  const siblings = pathsIn(folder).map((path) => {
    const body = readFileSync(join(folder, path));
    server.serve(`${repository}/resolve/main/${path}`, body, (time) => quirks(path, time));
    const sha256 = createHash("sha256").update(body).digest("hex");
    const isLarge = path.endsWith(".safetensors");
    return { rfilename: path, size: body.length, ...(isLarge && { lfs: { sha256 } }) };
  });
  const listing = JSON.stringify({ gated: false, cardData: { license: "mit" }, siblings });
  const list = server.serve(`api/models/${repository}/revision/main?blobs=true`, Buffer.from(listing));
  return {
    url: new URL(list).origin,
    server,
    totalBytes: siblings.reduce((sum, { size }) => sum + size, 0),
    stop: () => server.stop(),
  };
}

/** The files that a repository would have of the folder: graphs are the app's own. */
function pathsIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${sep}graphs`))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
