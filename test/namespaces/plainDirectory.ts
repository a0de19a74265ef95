import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { domain } from '../samba/domain.ts'
import { certificateFiles, dc } from './places.ts'
import type { Rig } from './rig.ts'

/** Programs that know nothing of Postern, and a domain controller well. */
export interface DirectoryClients {
  readonly kinit: string
  readonly ldapsearch: string
  readonly smbclient: string
  readonly rpcclient: string
  readonly chronyd: string
}

const { realm, netbios, base, administrator } = domain
const account = `${administrator.name}%${administrator.password}`

/** The KDC is found by its service records; UDP comes first. */
const krb5Conf = `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = true
  dns_canonicalize_hostname = false
  rdns = false
  kdc_timesync = 0
  udp_preference_limit = 1465
`

/** SERVER_TRUST_ACCOUNT (MS-ADTS §2.2.16): the account of a domain controller. */
const serverTrust = 8192

/**
 * Uses a domain controller as its clients do, from the client of a network, whose resolver it is.
 *
 * @returns by program what it wrote, also where it failed
 */
export async function useDirectory(
  rig: Rig,
  { kinit, ldapsearch, smbclient, rpcclient, chronyd }: DirectoryClients,
): Promise<Readonly<Record<keyof DirectoryClients, string>>> {
  const file = (name: string): string => join(rig.folder, name)
  await writeFile(file('resolv.conf'), `nameserver ${dc.address}\n`)
  await writeFile(file('krb5.conf'), krb5Conf)
  await writeFile(file('client.conf'), `[global]\n  workgroup = ${netbios}\n  realm = ${realm}\n`)
  await writeFile(file('password'), administrator.password, { mode: 0o600 })
  // Nothing of the machine's own settings is read.
  const environment = [
    `KRB5_CONFIG=${file('krb5.conf')}`,
    `LDAPTLS_CACERT=${file(certificateFiles.ca)}`,
    'LDAPTLS_REQCERT=demand',
  ]
  const shell = 'mount --bind "$0" /etc/resolv.conf && "$@" 2>&1 || echo "ended with $?"'
  const run = (tickets: string, ...command: readonly string[]): Promise<string> =>
    rig.run(
      'client',
      ...['unshare', '--mount', 'sh', '-c', shell, file('resolv.conf')],
      ...['env', ...environment, `KRB5CCNAME=FILE:${file(tickets)}`, ...command],
    )
  const samba = [`--configfile=${file('client.conf')}`, '-U', account]
  const [ticket, entry, files, users, time] = await Promise.all([
    run(
      'kinit.cc',
      ...['env', `KRB5_TRACE=${file('kinit.trace')}`, 'sh', '-c', '"$@" <"$0"', file('password')],
      ...[kinit, `${administrator.name}@${realm}`],
    ),
    run(
      'ldapsearch.cc',
      ...[ldapsearch, '-x', '-LLL', '-H', `ldaps://${dc.name}`, '-y', file('password')],
      ...['-D', `${netbios}\\${administrator.name}`, '-b', base],
      ...[`(userAccountControl:1.2.840.113556.1.4.803:=${serverTrust})`, 'dNSHostName'],
    ),
    run('smbclient.cc', smbclient, ...samba, '--use-kerberos=required', `//${dc.name}/sysvol`, '-c', 'ls'),
    run(
      'rpcclient.cc',
      rpcclient,
      ...samba,
      '--use-kerberos=off',
      `ncacn_ip_tcp:${dc.name}[seal]`,
      '-c',
      'enumdomusers',
    ),
    run('chronyd.cc', chronyd, '-Q', '-t', '10', '-f', '/dev/null', `server ${dc.address} iburst maxsamples 1`),
  ])
  const trace = await readFile(file('kinit.trace'), 'utf8')
  return { kinit: `${ticket}${trace}`, ldapsearch: entry, smbclient: files, rpcclient: users, chronyd: time }
}
