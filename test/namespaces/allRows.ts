import { captured } from './captured.ts'
import { otherControllers } from './controllerRows.ts'
import { directoryPaths } from './directoryPaths.ts'
import { directoryFaults, directoryOddities, healthyDirectory } from './directoryRows.ts'
import { faults } from './faults.ts'
import { healthy } from './healthy.ts'
import { healthyOutside, outsideFaults, outsideOddities } from './outsideRows.ts'
import { pathFaults, pathOddities } from './pathRows.ts'
import { rewrittenAnswers } from './rewrittenRows.ts'
import type { Row } from './row.ts'
import { traced } from './traced.ts'
import { healthySites } from './wholeHealthy.ts'
import { wholeFaults, wholeOddities } from './wholeRows.ts'

const rows: readonly Row<string>[] = [
  ...[...faults, ...captured, ...traced, ...healthy, ...pathFaults, ...pathOddities],
  ...[healthyDirectory, ...directoryPaths, ...directoryFaults, ...rewrittenAnswers, ...directoryOddities],
  ...otherControllers.flatMap((one) => one.rows),
  ...[healthyOutside, ...outsideFaults, ...outsideOddities],
  ...[...healthySites, ...wholeFaults, ...wholeOddities],
]

/** What is broken in the routed networks, in each of them once. */
export const kernelFaults = rows.filter(({ expect }) => expect !== undefined)

/** What is odd there, or as it should be. */
export const kernelOddities = rows.filter(({ expect }) => expect === undefined)
