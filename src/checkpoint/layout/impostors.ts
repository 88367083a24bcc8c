/** Files that are not what their name says: pointers of Git LFS, web pages, answers of a server that had no file to give. */

import { Failure } from "../../core/failure";

/** What a file is instead of what its name says. */
export interface Impostor {
  /** The end of a sentence that begins with the file's name. */
  readonly says: string;
  /** A sentence about what to do. */
  readonly todo: string;
}

const KINDS: readonly { readonly mark: RegExp; readonly impostor: (match: RegExpExecArray) => Impostor }[] = [
  {
    mark: /^version https?:\/\/\S*(?:git-lfs|hawser)\S*(?:[\s\S]*?\bsize (\d+))?/,
    impostor: ([, size]) => ({
      says: `is only a pointer of Git LFS, a few lines that stand for the real file${size === undefined ? "" : ` of ${size} bytes`}`,
      todo: 'Fetch the real file: run "git lfs pull" in the folder, or download it from the model\'s page.',
    }),
  },
  {
    mark: /^\S{0,200}\/?\.?(?:git\/)?annex\/objects\//,
    impostor: () => ({
      says: "is only a pointer of git-annex, which stands for the real file",
      todo: 'Fetch the real file: run "git annex get" in the folder, or download it from the model\'s page.',
    }),
  },
  {
    mark: /^\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype\s+html|html|head|body|title)\b/i,
    impostor: () => ({
      says: "is a web page that was saved under this name",
      todo: "Fetch the file itself: on the model's page follow the download button, which may want you to sign in first.",
    }),
  },
  {
    mark: /^\s*<\?xml\b/i,
    impostor: () => ({
      says: "is a server's answer in XML that was saved under this name",
      todo: "Fetch the file again from the model's page: the address may have expired.",
    }),
  },
];

/** What a text is that begins so; null if it may be what its name says. @param head its beginning, at least 512 characters or all of it. */
export function impostorOf(head: string): Impostor | null {
  const text = head.replace(/^\uFEFF/, "");
  for (const { mark, impostor } of KINDS) {
    const match = mark.exec(text);
    if (match !== null) return impostor(match);
  }
  return null;
}

/** The refusal of a file that is something else. */
export function impostorRefusal(path: string, { says, todo }: Impostor, cause?: unknown): Failure {
  return new Failure("model-corrupt", `${path} ${says}. ${todo}`, { cause });
}
