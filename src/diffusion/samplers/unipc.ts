/** UniPC: a predictor like DPM++ 2M's, and a corrector that reuses the evaluation of the next step. */

import type { LatentOps, Term } from "../latents";
import type { PlanStep, SamplingPlan } from "../schedule/plan";
import { firstLatent, type Sampler } from "./sampler";

/** A prediction, as the corrector needs it to be made again. */
interface Prediction<L> {
  readonly step: PlanStep;
  /** p, 1 or 2. */
  readonly order: number;
  /** The latent that it started from. */
  readonly x: L;
  /** x̂_0 at the step's start. */
  readonly denoised: L;
  /** x̂_0 at the start of the step before; itself at the first step, where p is 1. */
  readonly earlier: L;
  /** r_1 = (λ' − λ) / h, negative; ' is of the step before. */
  readonly r: number;
  /** B(h) is h, else e^h − 1. */
  readonly isBh1: boolean;
}

/** Zhao et al. 2023 (arXiv:2302.04867), Algorithms 1 and 2: data prediction, B(h) = e^h − 1 ("bh2") or h ("bh1"), λ = −log σ. */
export const sampleUnipc: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  let last: Prediction<typeof start> | undefined;
  for (const [index, step] of plan.steps.entries()) {
    const denoised = await denoise(x, step.from);
    if (last !== undefined && !plan.config.disableCorrector.includes(index - 1))
      x = correct(ops, last, denoised);
    const order = orderOf(plan, index);
    const r = last === undefined ? -1 : -stride(last.step) / stride(step);
    const isBh1 = plan.config.solverType === "bh1";
    last = { step, order, x, denoised, earlier: last?.denoised ?? denoised, r, isBh1 };
    x = predict(ops, last);
    yield { index, x, denoised };
  }
};

/** UniP-p: for p = 2 the simplified ρ_1 = ½. */
function predict<L>(ops: LatentOps<L>, last: Prediction<L>): L {
  return update(ops, last, last.order === 1 ? [] : [[0.5 / last.r, last.earlier]]);
}

/** UniC-p: the same step, with the evaluation at its end as one more point; for p = 1 the simplified ρ_1 = ½. */
function correct<L>(ops: LatentOps<L>, last: Prediction<L>, there: L): L {
  if (last.order === 1) return update(ops, last, [[0.5, there]]);
  // R ρ = b is ρ_1 + ρ_2 = b_1 and r ρ_1 + ρ_2 = b_2, with b_k = k! h φ_{k+1}(h) / B(h), at −h for data.
  const h = -stride(last.step);
  const bh = last.isBh1 ? h : Math.expm1(h);
  const phi2 = Math.expm1(h) / h - 1;
  const phi3 = phi2 / h - 1 / 2;
  const [b1, b2] = [phi2 / bh, (2 * phi3) / bh];
  const rho1 = (b1 - b2) / (1 - last.r);
  const rho2 = b1 - rho1;
  return update(ops, last, [
    [rho1 / last.r, last.earlier],
    [rho2, there],
  ]);
}

/** x_t = (σ_t/σ_s) x − α_t (e^{−h} − 1) x̂_0 − α_t B(−h) Σ w_k (x̂_k − x̂_0), with `others` w_k = ρ_k / r_k and x̂_k. */
function update<L>(ops: LatentOps<L>, last: Prediction<L>, others: readonly Term<L>[]): L {
  const { step, x, denoised, isBh1 } = last;
  const { from, to } = step;
  const phi = -to.alphaT * Math.expm1(-stride(step));
  // −α_t B(−h): what the differences count for.
  const beta = isBh1 ? to.alphaT * stride(step) : phi;
  // Into σ = 0 the stride is infinite, and there are no others.
  const rest = others.reduce((sum, [weight]) => sum + beta * weight, 0);
  return ops.combine([
    [to.sigmaT / from.sigmaT, x],
    [phi - rest, denoised],
    ...others.map(([weight, other]) => [beta * weight, other] as const),
  ]);
}

/** h = λ_t − λ_s; Infinity into σ = 0. */
function stride({ from, to }: PlanStep): number {
  return Math.log(from.sigma) - Math.log(to.sigma);
}

/** p grows with what is remembered, and falls again where it harms: at the end. */
function orderOf({ steps, config }: SamplingPlan, index: number): number {
  const left = config.lowerOrderFinal ? steps.length - index : config.solverOrder;
  return Math.min(config.solverOrder, left, index + 1);
}
