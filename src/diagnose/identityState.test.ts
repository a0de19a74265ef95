import { connected, netlogon, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import { run } from '../../test/judged.ts'

const ldap = toController('ldap', 389)
const cldap = toController('cldap', 389, 'udp')
const gc = toController('gc', 3268)
const known = { domain: 'corp.example' } as const

run([
  {
    name: 'a directory that is not synchronised yet says so',
    flow: ldap,
    known,
    seen: [connected(389), saidAt(389, rootDse({ synchronized: false }))],
    verdict: 'blocked',
    cause: 'dc-not-ready',
    confidence: 'certain',
    owner: 'directory',
    says: /isSynchronized FALSE/,
  },
  {
    name: 'a global catalog that is not ready is no matter of LDAP',
    flow: ldap,
    known,
    seen: [connected(389), saidAt(389, rootDse({ globalCatalogReady: false }))],
    verdict: 'open',
  },
  {
    name: 'but of its own port',
    flow: gc,
    known,
    seen: [connected(3268), saidAt(3268, rootDse({ globalCatalogReady: false }))],
    verdict: 'blocked',
    cause: 'dc-not-ready',
    confidence: 'certain',
    says: /isGlobalCatalogReady FALSE/,
  },
  {
    name: 'a paused Netlogon says so over CLDAP',
    flow: cldap,
    known,
    seen: [saidByUdp(389, netlogon({ state: 'paused' }))],
    verdict: 'blocked',
    cause: 'dc-not-ready',
    confidence: 'certain',
    says: /Netlogon is paused/,
  },
  {
    name: 'an address in no subnet of the directory',
    flow: cldap,
    known,
    seen: [saidByUdp(389, netlogon({ clientSite: '' }))],
    verdict: 'degraded',
    cause: 'wrong-site',
    confidence: 'certain',
    owner: 'directory',
    says: /puts connect01 \(10\.1\.0\.10\) in no site/,
    fix: /subnet object/,
  },
  {
    name: 'a machine of another site than the controller’s is no fault',
    flow: cldap,
    known,
    seen: [saidByUdp(389, netlogon({ clientSite: 'branch', flags: ['gc', 'ws'] }))],
    verdict: 'open',
  },
])
