/** How a guidance-distilled U-Net is told the guidance scale. */

/** The factor of w, and the slowest wave's length over 2π: those of the sinusoids of timesteps. */
const [STRETCH, PERIOD] = [1000, 10_000];

/**
 * [sin(1000 w f_i), cos(1000 w f_i)] with f_i = 10000^(-i / (half - 1)) and w = scale − 1: Luo et al. 2023 (arXiv:2310.04378),
 * section 4.1, by the embedding of Vaswani et al. 2017 (arXiv:1706.03762), section 3.5. Products are rounded to f32, as where
 * such U-Nets were trained: the angles reach thousands of radians, and their last bits are seen.
 *
 * @param width how many numbers, at least 4; the last of an odd number is 0.
 */
export function guidanceEmbedding(scale: number, width: number): Float32Array<ArrayBuffer> {
  const half = Math.floor(width / 2);
  const w = Math.fround(STRETCH * Math.fround(scale - 1));
  const rate = Math.fround(Math.fround(Math.log(PERIOD)) / (half - 1));
  const embedding = new Float32Array(width);
  for (let i = 0; i < half; i++) {
    const angle = Math.fround(w * Math.fround(Math.exp(Math.fround(-i * rate))));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
