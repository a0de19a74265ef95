import type { FindingRule } from '../audited.ts'
import { authenticatedProxy } from './authenticatedProxy.ts'
import { correlated } from './correlated.ts'
import { danglingReference } from './danglingReference.ts'
import { deadCode } from './deadCode.ts'
import { egressSplit } from './egressSplit.ts'
import { forbiddenFlowOpen } from './forbiddenFlowOpen.ts'
import { hardCodedAddress } from './hardCodedAddress.ts'
import { ipv6Gap } from './ipv6Gap.ts'
import { nameBypass } from './nameBypass.ts'
import { natMisdirects } from './natMisdirects.ts'
import { openInbound } from './openInbound.ts'
import { openWide } from './openWide.ts'
import { proxyPort } from './proxyPort.ts'
import { returnBlocked } from './returnBlocked.ts'
import { revocationBlocked } from './revocationBlocked.ts'
import { ruleAnomalies } from './ruleAnomalies.ts'
import { splitTunnelExcludes } from './splitTunnelExcludes.ts'
import { staleAddress } from './staleAddress.ts'
import { tlsInspection } from './tlsInspection.ts'
import { unneededPort } from './unneededPort.ts'
import { unreadStatement } from './unreadStatement.ts'

/** Every kind of finding of an audit, in the order in which they are told: one row here, one file beside. */
export const findingRules: readonly FindingRule[] = [
  forbiddenFlowOpen,
  openInbound,
  natMisdirects,
  returnBlocked,
  tlsInspection,
  revocationBlocked,
  proxyPort,
  authenticatedProxy,
  splitTunnelExcludes,
  egressSplit,
  ipv6Gap,
  openWide,
  nameBypass,
  unneededPort,
  hardCodedAddress,
  staleAddress,
  ruleAnomalies,
  correlated,
  deadCode,
  danglingReference,
  unreadStatement,
]
