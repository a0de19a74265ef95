import { access } from './access.ts'
import { crossOrigin } from './crossOrigin.ts'
import { identify } from './identify.ts'
import { ownPathsFirst } from './ownPaths.ts'
import { addressRate, identityRate, tokenRate } from './requestRate.ts'
import type { Step } from './step.ts'

/** The steps in the order in which they are asked; the last one settles every request. */
export const steps: readonly Step[] = [
  tokenRate,
  identify,
  addressRate,
  identityRate,
  ownPathsFirst,
  crossOrigin,
  access,
]
