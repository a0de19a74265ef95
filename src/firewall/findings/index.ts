import type { FindingRule } from '../audited.ts'
import { correlated } from './correlated.ts'
import { danglingReference } from './danglingReference.ts'
import { deadCode } from './deadCode.ts'
import { forbiddenFlowOpen } from './forbiddenFlowOpen.ts'
import { ruleAnomalies } from './ruleAnomalies.ts'
import { unreadStatement } from './unreadStatement.ts'

/** Every kind of finding of an audit, in the order in which they are told: one row here, one file beside. */
export const findingRules: readonly FindingRule[] = [
  forbiddenFlowOpen,
  ruleAnomalies,
  correlated,
  deadCode,
  danglingReference,
  unreadStatement,
]
