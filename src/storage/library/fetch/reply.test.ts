import { describe, expect, it } from "vitest";
import { type Asked, readReply, validatorOf } from "./reply";

const WHOLE: Asked = {
  path: "unet/model.safetensors",
  fromByte: 0,
  sizeBytes: 1_000_000,
  validator: null,
  sentIfRange: false,
  hasPublishedHash: true,
};
const REST: Asked = { ...WHOLE, fromByte: 400, validator: '"v1"', sentIfRange: true };
const RIGHT = { "Content-Range": "bytes 400-999999/1000000" };

const read = (status: number, headers: Record<string, string>, asked: Asked) =>
  readReply({ status, headers: new Headers(headers) }, asked, 0);

describe("the head of an answer", () => {
  it("[L13] a whole file is taken from its first byte, whatever was asked for", () => {
    expect(read(200, {}, WHOLE)).toEqual({ kind: "body", fromByte: 0 });
    expect(read(200, {}, REST)).toEqual({ kind: "body", fromByte: 0 });
  });

  it("[L14] a part is taken where it says that it begins, if that was asked for", () => {
    expect(read(206, RIGHT, REST)).toEqual({ kind: "body", fromByte: 400 });
    expect(read(206, { "Content-Range": "bytes 400-999999/*" }, REST).kind).toBe("body");
    for (const said of ["bytes 401-999999/1000000", "bytes */1000000", "nonsense", "bytes 0-399/1000000"]) {
      expect(read(206, { "Content-Range": said }, REST).kind).toBe("whole");
    }
    expect(read(206, RIGHT, WHOLE).kind).toBe("whole");
  });

  it("[L15] a part without a Content-Range counts only with the right length and a published hash", () => {
    const length = { "Content-Length": "999600" };
    expect(read(206, length, REST).kind).toBe("body");
    expect(read(206, {}, REST).kind).toBe("whole");
    expect(read(206, { "Content-Length": "999599" }, REST).kind).toBe("whole");
    expect(read(206, length, { ...REST, hasPublishedHash: false }).kind).toBe("whole");
  });

  it("[L16] a part of another version is not taken", () => {
    expect(read(206, { ...RIGHT, ETag: '"v2"' }, REST).kind).toBe("whole");
    expect(read(206, { ...RIGHT, ETag: '"v1"' }, REST).kind).toBe("body");
    const unvouched = { ...REST, sentIfRange: false, hasPublishedHash: false };
    expect(read(206, RIGHT, unvouched).kind).toBe("whole");
    expect(read(206, { ...RIGHT, ETag: '"v1"' }, unvouched).kind).toBe("body");
  });

  it("[L17] a part of something packed is not taken", () => {
    expect(read(206, { ...RIGHT, "Content-Encoding": "gzip" }, REST).kind).toBe("whole");
    expect(read(206, { ...RIGHT, "Content-Encoding": "identity" }, REST).kind).toBe("body");
  });

  it("[L18] another size than planned says that the file was changed", () => {
    for (const reading of [
      read(206, { "Content-Range": "bytes 400-1999999/2000000" }, REST),
      read(416, { "Content-Range": "bytes */2000000" }, REST),
      read(200, { "Content-Length": "2000000" }, WHOLE),
    ]) {
      expect(reading).toMatchObject({ kind: "refused", failure: { code: "model-missing" } });
      expect(reading.kind === "refused" && reading.failure.message).toMatch(
        /1000000 bytes.*2000000; it was changed/,
      );
    }
  });

  it("[L19] packing in transit may make a file shorter, or hardly longer", () => {
    expect(read(200, { "Content-Length": "1000300" }, WHOLE).kind).toBe("body");
    expect(read(200, { "Content-Length": "5000" }, WHOLE).kind).toBe("body");
  });

  it("[L20] a range that cannot be had, of a file of the right size, is asked for whole", () => {
    expect(read(416, { "Content-Range": "bytes */1000000" }, REST).kind).toBe("whole");
    expect(read(416, {}, REST).kind).toBe("whole");
  });

  it("[L21] what may pass is waited for, as long as the host says; what will not is refused with a hint", () => {
    for (const status of [408, 429, 500, 502, 503, 504]) {
      expect(read(status, { "Retry-After": "9" }, WHOLE)).toMatchObject({ kind: "later", askedMs: 9000 });
    }
    for (const [status, hint] of [
      [401, /account/],
      [403, /licence/],
      [404, /not there any more/],
      [410, /not there any more/],
      [400, /later/],
      [204, /later/],
    ] as const) {
      const reading = read(status, {}, WHOLE);
      expect(reading.kind === "refused" && reading.failure.message).toMatch(hint);
    }
  });

  it("[L22] a web page is no model, unless one was asked for", () => {
    const page = { "Content-Type": "text/html; charset=utf-8" };
    expect(read(200, page, WHOLE)).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(/sign in/) },
    });
    expect(read(206, { ...page, ...RIGHT }, REST).kind).toBe("refused");
    expect(read(200, page, { ...WHOLE, path: "about.html" }).kind).toBe("body");
  });

  it("[L23] names a version by a strong ETag, else by a date; a weak ETag vouches for no bytes", () => {
    const date = "Wed, 21 Oct 2015 07:28:00 GMT";
    expect(validatorOf(new Headers({ ETag: '"a"', "Last-Modified": date }))).toBe('"a"');
    expect(validatorOf(new Headers({ ETag: 'W/"a"', "Last-Modified": date }))).toBe(date);
    expect(validatorOf(new Headers({ ETag: 'W/"a"' }))).toBeNull();
    expect(validatorOf(new Headers())).toBeNull();
  });
});
