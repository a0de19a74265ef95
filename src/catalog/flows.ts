import type { FlowRow } from './flowRow.ts'
import { activeDirectoryFlows } from './flows-active-directory.ts'
import { adFsFlows } from './flows-ad-fs.ts'
import { agentFlows } from './flows-agents.ts'
import { appFlows } from './flows-apps.ts'
import { portsArticleFlows } from './flows-ports-article.ts'
import { provisioningFlows } from './flows-provisioning.ts'

/** Every flow that Microsoft's pages ask for, and the ones that nothing needs; the order is that of plans and reports. */
export const flowRows: readonly FlowRow[] = [
  ...portsArticleFlows,
  ...agentFlows,
  ...adFsFlows,
  ...provisioningFlows,
  ...activeDirectoryFlows,
  ...appFlows,
]
