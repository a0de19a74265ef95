import { captureTools } from './captureTools.ts'
import { clock } from './clock.ts'
import { connectTimes } from './connectTimes.ts'
import { descriptors } from './descriptors.ts'
import { gateName } from './gateName.ts'
import { gatePorts } from './gatePorts.ts'
import { ipv6 } from './ipv6.ts'
import { localPorts } from './localPorts.ts'
import type { Look } from './look.ts'
import { pathTools } from './pathTools.ts'
import { proxies } from './proxies.ts'
import { resolvers } from './resolvers.ts'
import { rights } from './rights.ts'
import { runtime } from './runtime.ts'
import { signIn } from './signIn.ts'
import { trustStores } from './trustStores.ts'

/** Everything that is looked at, in the order of a report. */
export const looks: readonly Look[] = [
  rights,
  captureTools,
  pathTools,
  trustStores,
  clock,
  resolvers,
  proxies,
  ipv6,
  connectTimes,
  descriptors,
  localPorts,
  gatePorts,
  gateName,
  signIn,
  runtime,
]
