/** Numbers that look alike and must not be swapped, each with its own private brand. */

declare const sigmaBrand: unique symbol;
declare const timestepBrand: unique symbol;

/**
 * Noise level as Karras et al. 2022 (arXiv:2206.00364) write it: the standard deviation of the noise in x =
 * x_0 + σ ε. For a variance-preserving model σ = √((1 − ᾱ_t)/ᾱ_t). In [0, Infinity]; 0 is clean, Infinity is
 * nothing but noise.
 */
export type Sigma = number & { readonly [sigmaBrand]: true };

/**
 * The value a network was trained to read as "time", in [0, numTrainTimesteps); may lie between two whole
 * ones.
 */
export type Timestep = number & { readonly [timestepBrand]: true };

/** Brands a noise level where one is born. */
export const asSigma = (value: number): Sigma => value as Sigma;

/** Brands a timestep where one is born. */
export const asTimestep = (value: number): Timestep => value as Timestep;
