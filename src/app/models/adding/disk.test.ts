import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure";
import { fromHandle, fromInput } from "./disk";

const file = (name: string, path = "", bytes = 3): File => {
  const made = new File([new Uint8Array(bytes)], name);
  Object.defineProperty(made, "webkitRelativePath", { value: path });
  return made;
};

type Tree = { readonly [name: string]: Tree | number };

/** A folder as a picker would give it: numbers are sizes of files. */
function handle(name: string, tree: Tree | number): FileSystemHandle {
  if (typeof tree === "number")
    return { kind: "file", name, getFile: async () => file(name, "", tree) } as unknown as FileSystemHandle;
  const values = async function* () {
    for (const [child, content] of Object.entries(tree)) yield handle(child, content);
  };
  return { kind: "directory", name, values } as unknown as FileSystemHandle;
}

describe("files of the disk", () => {
  it("a folder in an input has its own name, and paths begin below it; hidden files are not the model's", () => {
    const folder = fromInput([
      file("model_index.json", "sd/model_index.json"),
      file("config.json", "sd/unet/config.json"),
      file("HEAD", "sd/.git/HEAD"),
      file(".DS_Store", "sd/.DS_Store"),
    ]);
    expect(folder.name).toBe("sd");
    expect(folder.files.map(({ path }) => path)).toEqual(["model_index.json", "unet/config.json"]);
    expect(folder.totalBytes).toBe(6);
  });

  it("one file is called as it is, without its ending", () => {
    const { name, files } = fromInput([file("dream.v8.safetensors")]);
    expect([name, files.map(({ path }) => path)]).toEqual(["dream.v8", ["dream.v8.safetensors"]]);
  });

  it("a folder of a picker is walked, but for what is hidden", async () => {
    const tree = {
      "model_index.json": 1,
      unet: { "config.json": 2, ".cache": { x: 9 } },
      ".git": { HEAD: 9 },
    };
    const { name, files, totalBytes } = await fromHandle(handle("sd", tree));
    expect(name).toBe("sd");
    expect(files.map(({ path }) => path)).toEqual(["model_index.json", "unet/config.json"]);
    expect(totalBytes).toBe(3);
  });

  it.each([
    ["a pickle", () => fromInput([file("old.ckpt")]), /run code/],
    ["an empty folder", () => fromHandle(handle("nothing", {})), /no files/],
    ["a folder above models", () => fromHandle(handle("all", manyFiles())), /more than 2000 files/],
  ])("%s is refused with a sentence", async (_, choose, why) => {
    const failure = await Promise.resolve()
      .then(choose)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(String(failure)).toMatch(why);
  });
});

function manyFiles(): Tree {
  return Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`${index}.json`, 1]));
}
