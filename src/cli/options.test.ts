import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import { readGenerateOptions } from "./options";

describe("readGenerateOptions", () => {
  it("takes what is asked for, and only that: the rest is the model's to say", () => {
    expect(readGenerateOptions(["a fox", "--out", "x.png"])).toEqual({
      location: { model: undefined, graphs: undefined, papers: undefined, threads: undefined },
      wanted: { prompt: "a fox" },
      from: undefined,
      out: "x.png",
      everyWord: false,
      latents: undefined,
    });
  });

  it("reads every option; 0 and an empty text are values", () => {
    const line =
      "--negative= --seed 18446744073709551615 --steps 1000 --guidance 0 --rescale 0.7 --guidance-start 0 --guidance-stop .8 --eta .5 --sampler euler_a --size 512x256 --model m --graphs g --papers p --threads 2 --few-step --every-word --latents l.npy --out o";
    expect(readGenerateOptions(["", ...line.split(" ")])).toEqual({
      location: { model: "m", graphs: "g", papers: "p", threads: 2 },
      wanted: {
        prompt: "",
        negativePrompt: "",
        seed: 2n ** 64n - 1n,
        steps: 1000,
        guidanceScale: 0,
        guidanceRescale: 0.7,
        guidanceStart: 0,
        guidanceStop: 0.8,
        weights: "few_step",
        eta: 0.5,
        sampler: "euler_a",
        widthPx: 512,
        heightPx: 256,
      },
      from: undefined,
      out: "o",
      everyWord: true,
      latents: "l.npy",
    });
  });

  it("needs no prompt to draw a picture again", () => {
    expect(readGenerateOptions(["--from", "a.png", "--out", "b.png", "--seed", "2"])).toMatchObject({
      wanted: { seed: 2n },
      from: "a.png",
    });
  });

  it("shows help before it looks at anything else", () => {
    expect(readGenerateOptions(["--help"])).toBeNull();
  });

  it.each([
    [["--out", "x"], /prompt/],
    [["a", "fox", "--out", "x"], /quotation marks/],
    [["a fox"], /--out picture\.png/],
    [["a", "--stepz", "3"], /--stepz/],
    [["a", "--out"], /--out/],
    [["a", "--out", "x", "--seed", "-1"], /--seed/],
    [["a", "--out", "x", "--seed", "18446744073709551616"], /2\^64 - 1, got "18446744073709551616"/],
    [["a", "--out", "x", "--seed", "1.5"], /--seed/],
    [["a", "--out", "x", "--steps", "0"], /--steps wants a whole number from 1 to 1000, got "0"/],
    [["a", "--out", "x", "--steps", "1e2"], /--steps/],
    [["a", "--out", "x", "--guidance", "much"], /--guidance wants a number.*"much"/],
    [["a", "--out", "x", "--eta", "1.01"], /--eta wants a number from 0 to 1/],
    [["a", "--out", "x", "--rescale", ""], /--rescale/],
    [["a", "--out", "x", "--guidance-start", "-0.1"], /--guidance-start/],
    [["a", "--out", "x", "--guidance-stop", "1.5"], /--guidance-stop wants a number from 0 to 1, got "1\.5"/],
    [["a", "--out", "x", "--sampler", "plms"], /--sampler wants one of ddim, .*"plms"/],
    [["a", "--out", "x", "--size", "256"], /--size.*"256"/],
    [["a", "--out", "x", "--threads", "0"], /--threads/],
  ])("refuses %j in one sentence", (argv, sentence) => {
    const read = () => readGenerateOptions(argv);
    expect(read).toThrow(Failure);
    expect(read).toThrow(
      expect.objectContaining({ code: "bad-request", message: expect.stringMatching(sentence) }),
    );
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining("\n") }));
  });
});
