/** Controllers that are other than usual, each with what a check has to say of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CertificateWish } from '../pki.ts'
import { makeCertificate } from '../pki.ts'
import { otherDomain } from '../samba/domain.ts'
import type { ControllerWishes } from './directory.ts'
import { ofAnotherDomain } from './directoryNameRows.ts'
import { datagrams } from './directoryPaths.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { directoryFlowIds } from './directorySite.ts'
import { dc } from './places.ts'
import type { Expected, Row } from './row.ts'

export interface OtherController {
  readonly title: string
  readonly wishes: ControllerWishes
  readonly rows: readonly Row<DirectoryFlowId>[]
}

/** Those of the file, but for some. */
const services = (...without: readonly string[]): string =>
  `server services=${['s3fs', 'rpc', 'ldap', 'cldap', 'kdc', 'winbindd', 'ntp_signd', 'dns']
    .filter((service) => !without.includes(service))
    .join(', ')}`

const dayMs = 86_400_000

/** Options by which Samba shows a certificate of our own, from an authority that nobody was told of. */
async function shows(folder: string, wish: Partial<CertificateWish>): Promise<readonly string[]> {
  const issuer = await makeCertificate({ subject: 'O=Test,CN=Corp Forgotten CA', ca: true })
  const made = await makeCertificate({
    subject: `CN=${dc.name}`,
    names: [{ type: 'dns', value: dc.name }],
    servesTls: true,
    issuer,
    ...wish,
  })
  await writeFile(join(folder, 'other.pem'), made.pem + issuer.pem)
  await writeFile(join(folder, 'other.key'), made.keyPem, { mode: 0o600 })
  return [`tls certfile=${join(folder, 'other.pem')}`, `tls keyfile=${join(folder, 'other.key')}`]
}

const knock = (port: number): string => `knock:${dc.address}:${port}`

/** A service of the controller that was stopped: its kernel refuses for it. */
const stopped = (
  id: string,
  breaks: string,
  port: number,
  flow: DirectoryFlowId,
  more: Partial<Row<DirectoryFlowId>> = {},
): Row<DirectoryFlowId> => ({
  id,
  breaks,
  tasks: [knock(port), knock(389)],
  shows: 'ECONNREFUSED, connected',
  asks: [flow, 't1-ldap'],
  expect: { flows: [flow], verdict: 'blocked', cause: 'refused', confidence: 'certain', owner: 'host' },
  ...more,
})

const overTls = (
  id: string,
  breaks: string,
  control: Pick<Row, 'tasks' | 'shows'>,
  expect: Omit<Expected, 'flows'>,
): Row<DirectoryFlowId> => ({
  id,
  breaks,
  ...control,
  asks: ['t1-ldaps', 'gcs', 't1-gc'],
  expect: { flows: ['t1-ldaps', 'gcs'], ...expect },
})
const issuer = `issuer:${dc.address}:636:${dc.name}`

export const otherControllers: readonly OtherController[] = [
  {
    title: 'without a KDC and a time service, and with a certificate that has run out',
    wishes: {
      options: async (folder) => [
        services('kdc'),
        ...(await shows(folder, {
          notBefore: new Date(Date.now() - 30 * dayMs),
          notAfter: new Date(Date.now() - 2 * dayMs),
        })),
      ],
      without: [88, 464, 123],
    },
    rows: [
      {
        id: 'time-service-stopped',
        breaks: 'The time service of the controller was stopped, and everything else of it runs.',
        tasks: [`time:${dc.address}`, knock(389), `datagram:${dc.address}:389:${datagrams[389]}`],
        shows: 'silence, connected, answer',
        asks: ['time', 't1-ldap', 't1-smb', 't1-rpc-epm', 't1-dns'],
        expect: { flows: ['time'], verdict: 'blocked', cause: 'refused', confidence: 'certain', owner: 'host' },
      },
      stopped('kdc-stopped', 'The KDC of the controller was stopped.', 88, 't1-kerberos'),
      stopped('password-service-stopped', 'The password service of the controller was stopped.', 464, 'kpasswd'),
      overTls(
        'ldaps-expired',
        'The certificate of the controller ran out two days ago.',
        { tasks: [issuer], shows: `${dc.name} by Corp Forgotten CA` },
        { verdict: 'blocked', cause: 'cert-expired', confidence: 'certain', owner: 'pki' },
      ),
    ],
  },
  {
    title: 'without SMB, and with a certificate of a root that nobody trusts',
    wishes: { options: async (folder) => [services('s3fs'), ...(await shows(folder, {}))], without: [445] },
    rows: [
      stopped('smb-stopped', 'The file service of the controller was stopped.', 445, 't1-smb'),
      overTls(
        'ldaps-of-unknown-root',
        'The certificate of the controller comes from a root that neither the site file nor this machine knows.',
        { tasks: [issuer], shows: `${dc.name} by Corp Forgotten CA` },
        { verdict: 'blocked', cause: 'root-missing', confidence: 'certain', owner: 'host' },
      ),
    ],
  },
  {
    title: 'without CLDAP, with SMB 1 alone, and with a certificate of another name',
    wishes: {
      options: async (folder) => [
        services('cldap'),
        ...['server min protocol=NT1', 'server max protocol=NT1'],
        ...(await shows(folder, {
          subject: 'CN=intranet.corp.example',
          names: [{ type: 'dns', value: 'intranet.corp.example' }],
        })),
      ],
    },
    rows: [
      stopped('cldap-stopped', 'The controller answers LDAP over UDP no more.', 389, 't1-ldap', {
        tasks: [`datagram:${dc.address}:389:${datagrams[389]}`, knock(389)],
        shows: 'silence, connected',
        asks: ['t1-ldap', 't1-gc'],
        expect: {
          flows: ['t1-ldap'],
          which: 'some',
          verdict: 'blocked',
          cause: 'refused',
          confidence: 'certain',
          owner: 'host',
        },
      }),
      {
        id: 'smb-of-old',
        breaks: 'The file service of the controller speaks SMB 1 and nothing newer.',
        tasks: [`dialect:${dc.address}:445`, knock(389)],
        shows: 'SMB 1, connected',
        asks: ['t1-smb', 't1-gc', 't1-rpc-epm'],
        expect: {
          flows: ['t1-smb'],
          verdict: 'wrong',
          cause: 'not-the-service',
          confidence: 'certain',
          owner: 'directory',
        },
        timeoutMs: 1500,
      },
      overTls(
        'ldaps-of-another-name',
        'The controller shows the certificate of the intranet, which does not name it.',
        { tasks: [issuer], shows: 'intranet.corp.example by Corp Forgotten CA' },
        { verdict: 'wrong', cause: 'name-mismatch', confidence: 'certain', owner: 'directory' },
      ),
    ],
  },
  {
    title: 'without RPC and names, and with TLS 1.0 alone',
    wishes: {
      options: async () => [services('rpc', 'dns'), 'tls priority=NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT'],
      without: [53, 135],
    },
    rows: [
      stopped('mapper-stopped', 'The endpoint mapper of the controller was stopped.', 135, 't1-rpc-epm'),
      stopped('names-stopped', 'The name service of the controller was stopped.', 53, 't1-dns'),
      overTls(
        'ldaps-of-old-version',
        'The controller offers TLS 1.0 and nothing newer.',
        { tasks: [`shake:${dc.address}:636:${dc.name}`], shows: 'ERR_SSL_UNSUPPORTED_PROTOCOL' },
        { verdict: 'blocked', cause: 'tls-version', confidence: 'certain', owner: 'directory' },
      ),
    ],
  },
  {
    title: 'of another domain',
    wishes: {
      of: otherDomain,
      options: (folder) =>
        shows(folder, { subject: 'CN=dc1.other.example', names: [{ type: 'dns', value: 'dc1.other.example' }] }),
    },
    rows: [
      {
        id: 'another-domain-at-the-address',
        breaks: 'At the address of the controller stands one of another domain.',
        tasks: [
          `name:${dc.address}:A:dc1.other.example`,
          `name:${dc.address}:A:${dc.name}`,
          `issuer:${dc.address}:636:${dc.name}`,
        ],
        shows: `${dc.address}, SERVFAIL, dc1.other.example by Corp Forgotten CA`,
        asks: directoryFlowIds.filter((id) => id !== 'winrms'),
        expect: { ...ofAnotherDomain, flows: ofAnotherDomain.flows.filter((id) => id !== 'winrms') },
        consequences: [{ ...ofAnotherDomain, flows: ['t1-dns'], confidence: 'likely' }],
      },
    ],
  },
]
