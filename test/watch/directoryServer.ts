import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openPki } from '../../src/lab/servers/pki.ts'
import { freePorts, listens } from '../freePorts.ts'

export const base = 'dc=corp,dc=example'
export const object = `cn=canary,${base}`
export const writer = { name: `cn=writer,${base}`, password: 'Wide-Open-1' } as const
/** May read, and write nothing. */
export const reader = { name: `cn=reader,${base}`, password: 'Wide-Open-2' } as const

export interface DirectoryServer {
  readonly ldaps: string
  /** For StartTLS. */
  readonly ldap: string
  readonly rootPem: string
}

/** OpenLDAP with one object, of which one account may write one attribute and another may read it. */
export async function openDirectoryServer(t: TestContext, slapd: string): Promise<DirectoryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-canary-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [tls = 0, plain = 0] = await freePorts(2)
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  const at = (name: string): string => join(folder, name)
  await mkdir(at('data'))
  await Promise.all([
    writeFile(at('key.pem'), keyPem),
    writeFile(at('chain.pem'), chainPem),
    writeFile(at('slapd.conf'), configuration(folder)),
    writeFile(at('tree.ldif'), tree),
  ])
  const added = spawn(slapd, ['-T', 'add', '-f', at('slapd.conf'), '-l', at('tree.ldif')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(added, 'exit')
  if (code !== 0) throw new Error(`slapadd ended with ${code}`)
  const urls = `ldaps://127.0.0.1:${tls}/ ldap://127.0.0.1:${plain}/`
  const server = spawn(slapd, ['-d', '0', '-h', urls, '-f', at('slapd.conf')], { stdio: 'ignore' })
  t.after(async () => {
    if (server.exitCode !== null) return
    server.kill()
    await once(server, 'exit')
  })
  await listens(tls)
  return { ldaps: `ldaps://localhost:${tls}`, ldap: `ldap://localhost:${plain}`, rootPem: pki.rootPem }
}

const configuration = (folder: string): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/slapd.pid
TLSCertificateFile ${folder}/chain.pem
TLSCertificateKeyFile ${folder}/key.pem
database mdb
suffix "${base}"
directory ${folder}/data
access to dn.base="${object}" attrs=physicalDeliveryOfficeName by dn.exact="${writer.name}" write by dn.exact="${reader.name}" read
access to attrs=userPassword by anonymous auth
access to * by users read
`

const account = ({ name, password }: { readonly name: string; readonly password: string }): string => `
dn: ${name}
objectClass: person
objectClass: simpleSecurityObject
sn: account
userPassword: ${password}
`

const tree = `dn: ${base}
objectClass: organization
objectClass: dcObject
o: corp

dn: ${object}
objectClass: inetOrgPerson
sn: canary
physicalDeliveryOfficeName: Room 1
${account(writer)}${account(reader)}`
