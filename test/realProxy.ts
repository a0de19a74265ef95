/** Squid and haproxy for tests: each with a configuration and folder of its own, ended by its process id. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { listens } from './freePorts.ts'

const run = promisify(execFile)
/** What makes and keeps squid's certificates, where Debian puts it. */
export const certgen = '/usr/lib/squid/security_file_certgen'

/** A port of loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A folder of the test's own, that a server which gives up its rights can read. */
export async function ownFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-proxy-'))
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Starts squid.
 *
 * @param lines what it allows and refuses; `hosts` says where it finds names
 * @param listening options of its port, such as those of TLS bumping
 * @returns its port
 */
export async function squidWith(
  t: TestContext,
  squid: string,
  { lines, hosts, listening = '' }: { lines: string; hosts: string; listening?: string },
): Promise<number> {
  const folder = await ownFolder(t)
  const port = await freePort()
  await writeFile(join(folder, 'hosts'), hosts)
  await writeFile(
    join(folder, 'squid.conf'),
    `http_port 127.0.0.1:${port} ${listening}
visible_hostname egress.corp.example
hosts_file ${join(folder, 'hosts')}
pid_filename none
access_log none
cache_log ${join(folder, 'cache.log')}
cache_store_log none
cache deny all
coredump_dir ${folder}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
${lines}
`,
  )
  await started(t, squid, ['-N', '-f', join(folder, 'squid.conf')], port)
  return port
}

/**
 * Starts squid that opens every TLS connection and signs anew, with an authority made by `makeCertificates`; servers of
 * `corp-ca` are trusted beyond it.
 *
 * @param bumps lines of ssl_bump, with their acls, in place of the one that opens all
 */
export async function squidThatBumps(
  t: TestContext,
  squid: string,
  {
    folder,
    authority,
    hosts,
    bumps = 'ssl_bump bump all',
  }: { folder: string; authority: 'corp-ca' | 'foreign-ca'; hosts: string; bumps?: string },
): Promise<number> {
  const store = join(folder, 'forged')
  await run(certgen, ['-c', '-s', store, '-M', '4MB'])
  if (process.getuid?.() === 0) await run('chown', ['-R', 'proxy:proxy', store])
  const signer = join(folder, 'bump.pem')
  const parts = ['key', 'pem'].map((ending) => readFile(join(folder, `${authority}.${ending}`), 'utf8'))
  await writeFile(signer, (await Promise.all(parts)).join(''))
  return squidWith(t, squid, {
    hosts,
    listening: `ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=1MB cert=${signer}`,
    lines: `sslcrtd_program ${certgen} -s ${store} -M 4MB
sslcrtd_children 1
tls_outgoing_options cafile=${join(folder, 'corp-ca.pem')} flags=DONT_VERIFY_PEER
${bumps}
sslproxy_cert_error allow all
http_access allow all`,
  })
}

/** Starts a server and waits until it listens; it ends with the test. */
export async function started(t: TestContext, command: string, args: readonly string[], port: number): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${said}`)
    if (await listens(port)) return
    await sleep(50)
  }
  throw new Error(`${command} does not listen on ${port}: ${said}`)
}
