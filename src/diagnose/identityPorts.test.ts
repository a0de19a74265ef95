import { netlogon, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import { run } from '../../test/judged.ts'
import { context, tcp } from '../../test/observed.ts'

const ldap = toController('ldap', 389)
const gc = toController('gc', 3268)
const adws = toController('adws', 9389)
const known = { domain: 'corp.example' } as const
const refusedGc = tcp('refused', { port: 3268 })
const noGc = context(saidByUdp(389, netlogon({ flags: ['kdc', 'writable', 'ws'] })))

run([
  {
    name: 'a refused port of the global catalog, where the controller says that it is none',
    flow: gc,
    known,
    seen: [refusedGc, noGc],
    verdict: 'blocked',
    cause: 'not-a-gc',
    confidence: 'certain',
    owner: 'directory',
    fix: /nltest \/dsgetdc:corp\.example \/gc/,
    decidedBy: ['e1', 'e2'],
  },
  {
    name: 'silence is the same where a firewall of the host drops what nobody listens for',
    flow: toController('gcs', 3269),
    known,
    seen: [tcp('timeout', { port: 3269 }), noGc],
    verdict: 'blocked',
    cause: 'not-a-gc',
    confidence: 'certain',
  },
  {
    name: 'a rootDSE whose catalog is not ready leaves open whether it will be',
    flow: gc,
    known,
    seen: [refusedGc, context(saidAt(389, rootDse({ globalCatalogReady: false })))],
    verdict: 'blocked',
    cause: 'not-a-gc',
    confidence: 'likely',
    alternatives: ['dc-not-ready'],
  },
  {
    name: 'with the flag set it is refused like any other port',
    flow: gc,
    known,
    seen: [refusedGc, context(saidByUdp(389, netlogon()))],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'and stays so while its catalog is being filled',
    flow: gc,
    known,
    seen: [
      refusedGc,
      context(saidByUdp(389, netlogon())),
      context(saidAt(389, rootDse({ globalCatalogReady: false }))),
    ],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'LDAP itself is no port of the catalog',
    flow: ldap,
    known,
    seen: [tcp('refused', { port: 389 }), noGc],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'AD Web Services that the controller does not run are not there',
    flow: adws,
    known,
    seen: [tcp('refused', { port: 9389 }), context(saidByUdp(389, netlogon({ flags: ['gc'] })))],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'likely',
    owner: 'host',
    says: /itself says that it runs no AD Web Services/,
    fix: /Start-Service ADWS/,
  },
  {
    name: 'where it says that it runs them, a firewall is likelier',
    flow: adws,
    known,
    seen: [tcp('timeout', { port: 9389 }), context(saidByUdp(389, netlogon()))],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    owner: 'firewall',
    fix: /allow tcp 10\.1\.0\.10|allow tcp connect01/,
  },
  {
    name: 'without its word the port is judged like any other',
    flow: adws,
    known,
    seen: [tcp('refused', { port: 9389 })],
    verdict: 'blocked',
    cause: 'refused',
    confidence: 'certain',
  },
])
