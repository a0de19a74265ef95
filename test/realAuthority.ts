/** An authority of openssl with everything that a server of the lab's site can present: right, and wrong in one way each. */
import { execFile } from 'node:child_process'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cloudNames, labSite } from '../src/lab/site.ts'
import { byAuthority, daysAhead, openBooks, ownKey } from './opensslAuthority.ts'
import { labPortsAt } from './realGround.ts'

const run = promisify(execFile)

const authorities = {
  root: { subject: '/O=Real/CN=Real Root CA' },
  issuing: { subject: '/O=Real/CN=Real Issuing CA', signedBy: 'root' },
  /** Another key under the name of the issuing authority. */
  impostor: { subject: '/O=Real/CN=Real Issuing CA' },
  stranger: { subject: '/O=Corp Example/CN=Corp Forgotten Root CA' },
  inspector: { subject: '/O=Corp Example/CN=Corp TLS Inspection CA' },
  /** The company's own, in whose name stands that of a product. */
  namesake: { subject: '/O=Corp Example/CN=Barracuda Works Issuing CA 2', signedBy: 'root' },
  gateway: { subject: '/O=Fortinet Real Stand-in/CN=FortiGate CA' },
} as const

type AuthorityId = keyof typeof authorities

interface Leaf {
  readonly names: readonly string[]
  readonly subject?: string
  readonly signedBy?: AuthorityId | 'itself'
  /** What is sent after it; default: the issuing authority. */
  readonly sends?: readonly AuthorityId[]
  /** First and last day of validity from now; default: yesterday and a month ahead. */
  readonly days?: readonly [first: number, last: number]
  /** Default: where the list and the issuer are to be had. */
  readonly says?: readonly string[]
  readonly revoked?: true
  /** Default: P-256; `weak` is RSA of 1024 bits. */
  readonly key?: 'leaf' | 'weak'
}

const app = ['app01.corp.example', 'gate01.corp.example']
const list = 'crlDistributionPoints=URI:http://pki.corp.example/issuing.crl'
const issuer = 'authorityInfoAccess=caIssuers;URI:http://pki.corp.example/issuing.crt'
const responder = `${issuer},OCSP;URI:http://pki.corp.example/ocsp`
/** What filters by name are tried with. */
export const registration = 'enterpriseregistration.windows.net'
const cloud = cloudNames(labSite(labPortsAt(1), 'root.pem'))

const leaves = {
  genuine: { names: app },
  cloud: { names: cloud, says: [] },
  others: { names: cloud.filter((name) => name !== registration), says: [] },
  registration: { names: [registration], says: [] },
  expired: { names: app, days: [-30, -2] },
  'not-yet-valid': { names: app, days: [2, 30] },
  'wrong-name': { names: ['intranet.corp.example'] },
  'private-root': { names: app, signedBy: 'stranger', sends: ['stranger'], says: [] },
  'self-signed': { names: app, signedBy: 'itself', sends: [], says: [] },
  incomplete: { names: app, sends: [] },
  orphaned: { names: app, sends: [], says: [list] },
  revoked: { names: app, revoked: true },
  asking: { names: app, says: [list, responder] },
  'of-a-client': { names: app, says: [list, issuer, 'extendedKeyUsage=clientAuth'] },
  console: {
    names: ['FGT60F-CONSOLE'],
    subject: '/O=Fortinet Real Stand-in/OU=Firewall/CN=FGT60F-CONSOLE',
    signedBy: 'itself',
    sends: [],
    says: [],
  },
  'namesake-app': { names: app, signedBy: 'namesake', sends: ['namesake'], says: [] },
  'namesake-cloud': { names: cloud, signedBy: 'namesake', sends: ['namesake'], says: [] },
  'weak-key': { names: app, key: 'weak', says: [] },
  live: { names: ['live01.corp.example'], says: [] },
  dc01: { names: ['dc01.corp.example'], says: [] },
  dc02: { names: ['dc02.corp.example'], says: [] },
  farm: { names: ['sts.corp.example'], says: [] },
} as const satisfies Record<string, Leaf>

export type LeafId = keyof typeof leaves

const lists = {
  issuing: { by: 'issuing', days: [-1, 6] },
  stale: { by: 'issuing', days: [-9, -2] },
  forged: { by: 'impostor', days: [-1, 6] },
  other: { by: 'stranger', days: [-1, 6] },
} as const satisfies Record<string, { by: AuthorityId; days: readonly [number, number] }>

/** Answers of the responder to whoever asks for the state of `asking`. */
const answers = {
  good: { about: 'asking', by: 'issuing' },
  forged: { about: 'asking', by: 'impostor' },
  other: { about: 'genuine', by: 'issuing' },
} as const satisfies Record<string, { about: LeafId; by: AuthorityId }>

/** As Windows makes one by itself, and most appliances: no authority, and a key that is not for certificates. */
const selfMade = ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'keyUsage=critical,digitalSignature']

/**
 * Makes `ID.pem` (with what is sent after it) and `ID.key` of every certificate, `ID.crl` of every list, `ID.ocsp` of every
 * answer, and `issuing.crt`, all of it in the folder.
 */
export async function makeAuthority(openssl: string, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name)
  await run(openssl, ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('leaf.key')])
  await run(openssl, ['genrsa', '-out', at('weak.key'), '1024'])
  for (const [id, row] of Object.entries(authorities)) {
    const signer = 'signedBy' in row ? ['-CA', at(`${row.signedBy}.pem`), '-CAkey', at(`${row.signedBy}.key`)] : []
    await run(openssl, [
      ...['req', '-x509', ...ownKey, '-days', '60', ...signer, '-subj', row.subject],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
      ...['-keyout', at(`${id}.key`), '-out', at(`${id}.pem`)],
    ])
    await openBooks(folder, id)
  }
  for (const [id, row] of Object.entries<Leaf>(leaves)) await makeLeaf(openssl, folder, id, row)
  for (const [id, { by, days }] of Object.entries(lists)) {
    const dates = ['-crl_lastupdate', daysAhead(days[0]), '-crl_nextupdate', daysAhead(days[1])]
    await run(openssl, [...byAuthority(folder, by), '-gencrl', ...dates, '-out', at('list.pem')])
    await run(openssl, ['crl', '-in', at('list.pem'), '-outform', 'DER', '-out', at(`${id}.crl`)])
  }
  for (const [id, { about, by }] of Object.entries(answers)) {
    const signer = ['-CA', at('issuing.pem'), '-rsigner', at(`${by}.pem`), '-rkey', at(`${by}.key`)]
    const asked = ['-issuer', at('issuing.pem'), '-cert', at(`${about}.pem`), '-ndays', '1', '-noverify', '-no_nonce']
    await run(openssl, ['ocsp', '-index', at('issuing.index'), ...signer, ...asked, '-respout', at(`${id}.ocsp`)])
  }
  await run(openssl, ['x509', '-in', at('issuing.pem'), '-outform', 'DER', '-out', at('issuing.crt')])
}

async function makeLeaf(
  openssl: string,
  folder: string,
  id: string,
  {
    names,
    subject,
    signedBy = 'issuing',
    sends = ['issuing'],
    days = [-1, 30],
    says = [list, issuer],
    revoked,
    key = 'leaf',
  }: Leaf,
): Promise<void> {
  const at = (name: string): string => join(folder, name)
  const extensions = [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`, ...says]
  const request = ['req', '-new', '-key', at(`${key}.key`), '-subj', subject ?? `/CN=${names[0]}`]
  const wished = extensions.flatMap((extension) => ['-addext', extension])
  const own = signedBy === 'itself' ? ['-x509', '-days', '30', ...selfMade] : []
  await run(openssl, [...request, ...own, ...wished, '-out', at(signedBy === 'itself' ? `${id}.pem` : 'leaf.csr')])
  if (signedBy !== 'itself') {
    const by = byAuthority(folder, signedBy)
    const dates = ['-startdate', daysAhead(days[0]), '-enddate', daysAhead(days[1])]
    await run(openssl, [...by, ...dates, '-in', at('leaf.csr'), '-out', at(`${id}.pem`)])
    if (revoked) await run(openssl, [...by, '-revoke', at(`${id}.pem`), '-crl_reason', 'keyCompromise'])
  }
  for (const sent of sends) await appendFile(at(`${id}.pem`), await readFile(at(`${sent}.pem`), 'utf8'))
  await writeFile(at(`${id}.key`), await readFile(at(`${key}.key`)))
}
