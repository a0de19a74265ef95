/**
 * From observations to a named cause: pure, so that the same evidence can be judged again from a report. Rules stand in
 * tables, one a layer, lowest layer first; the first that matches is the truest cause, and a layer below one that
 * worked is not blamed.
 */
export { causeRows } from './causes.ts'
export { endsKerberos } from './clockHost.ts'
export { diagnose } from './diagnose.ts'
export { isServerItself, weaknessesOf } from './posture.ts'
export { isStrayPage } from './proxy.ts'
export { rejudge, rejudgeFlow } from './rejudge.ts'
export { startTlsTrouble } from './startTls.ts'
export { summaryOf } from './summaryOf.ts'
