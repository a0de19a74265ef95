import { readFile, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadedSite } from '../config/index.ts'
import { quoted } from '../config/quoted.ts'
import { reasonOf } from '../config/reasonOf.ts'
import { unknownWord } from '../config/unknownWord.ts'
import { isGuid } from '../model/guid.ts'
import { systemClock } from '../net/clock.ts'
import { columnsOf } from './render/columns.ts'
import { wrapText } from './render/wrapText.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'

export interface TenantVerbOptions {
  readonly site: string
  readonly root: string
  readonly misbehave?: string
  /** Seconds. */
  readonly after?: number
  readonly list?: true
}

/**
 * `postern lab tenant`: the built-in tenant alone, for a gate of one's own whose `authority` names its port.
 *
 * @returns the exit code
 * @throws UsageError when the site file has no such gate, or the port is taken
 */
export async function runLabTenant(options: TenantVerbOptions, shell: Shell): Promise<number> {
  const { rehearsals } = await import('../lab/tenant/rehearsals.ts')
  if (options.list === true) {
    shell.stdout.write(listed(rehearsals, shell))
    return exitCodes.well
  }
  const rehearsal = rehearsals.find(({ id }) => id === options.misbehave)
  if (options.misbehave !== undefined && rehearsal === undefined) {
    const { what, right } = unknownWord(
      'rehearsal',
      options.misbehave,
      rehearsals.map(({ id }) => id),
    )
    throw new UsageError(`--misbehave: ${what}, ${right} (postern lab tenant --list)`)
  }
  const { daemonApp, gateApp, openTenant, people } = await import('../lab/tenant/index.ts')
  const { openPki } = await import('../lab/servers/pki.ts')
  // Before the site file is read, which names it: its own authority, of this start alone.
  const pki = await openPki({ clock: () => systemClock.now(), publishedAt: 'http://127.0.0.1:9' })
  const root = resolve(dirname(resolve(shell.cwd, options.site)), options.root)
  await writeRoot(root, pki.rootPem, options.root)
  const loaded = await siteFrom(options.site, shell, false)
  const { origin, port, tenantId, client, secret } = await playedGate(loaded, shell)
  const registration = gateApp(origin, { secret }, { clientId: client })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  const tenant = await openTenant({
    port,
    certificate: { keyPem, chainPem, caPem: pki.rootPem },
    tenantId,
    apps: [registration, daemonApp(secret, client)],
    signal: shell.signal,
  }).catch((error: unknown) => {
    throw new UsageError(`the tenant cannot listen at port ${port} of 127.0.0.1: ${reasonOf(error)}`)
  })
  try {
    shell.stdout.write(
      `${[
        `A tenant that imitates Entra ID is at ${tenant.origin}; Ctrl-C ends it.`,
        `Its root is written to ${root}, anew at each start: trust.certificates of the site file has to name it.`,
        `The gate that may use it: ${origin}, client ${client}, with its own secret.`,
        `People: ${Object.values(people)
          .map(({ name, what }) => `${name} (${what})`)
          .join('; ')}.`,
      ].join('\n')}\n`,
    )
    if (rehearsal !== undefined) {
      if (options.after !== undefined) await sleep(options.after * 1000, undefined, { signal: shell.signal })
      await tenant.misbehave(rehearsal.how)
      shell.stdout.write(`From now on: ${rehearsal.what}.\n`)
    }
    await sleep(2 ** 31 - 1, undefined, { signal: shell.signal })
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await tenant.close()
  }
  shell.stdout.write('Stopped; nothing is left running.\n')
  return exitCodes.interrupted
}

/** @throws UsageError where something else than an earlier root stands, or nothing can be written */
async function writeRoot(path: string, pem: string, named: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => '')
  if (before !== '' && !/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*$/.test(before)) {
    throw new UsageError(`--root: ${quoted(named)} is there and is no single certificate, name another file`)
  }
  try {
    await writeFile(path, pem)
  } catch (error) {
    throw new UsageError(`--root: ${quoted(named)} cannot be written: ${reasonOf(error)}`)
  }
}

interface PlayedGate {
  readonly origin: string
  readonly port: number
  readonly tenantId: string
  readonly client: string
  readonly secret: string
}

/** What the tenant has to know of the gate that signs people in with it. */
async function playedGate({ site, file, folder, errorAt }: LoadedSite, shell: Shell): Promise<PlayedGate> {
  const { gate } = site
  const { readClientProof } = await import('../config/readClientProof.ts')
  const { formatConfigErrors } = await import('../config/index.ts')
  const lacks = (what: string, right: string, ...path: readonly string[]): UsageError =>
    new UsageError(...formatConfigErrors([errorAt(['gate', ...path], { what, right })]))
  if (gate?.signIn === undefined || gate.origin === undefined) {
    throw new UsageError(`${file}:1:1: there is no gate that people sign in to, write gate: with origin and sign-in`)
  }
  const authority = gate.authority === undefined ? undefined : new URL(gate.authority)
  if (authority?.hostname !== 'localhost' || authority.port === '') {
    throw lacks(
      'the gate signs people in elsewhere',
      'write authority: https://localhost:8444 for this tenant',
      'authority',
    )
  }
  const tenantId = gate.tenants?.[0] ?? site.tenant ?? ''
  if (!isGuid(tenantId)) throw lacks('no id of a tenant is given', 'write tenants: [TENANT-ID]')
  const read = await readClientProof(gate.signIn.credential, shell.env, folder)
  if ('why' in read) throw lacks(read.why, 'the tenant is told the same secret', 'sign-in')
  if (read.ok.kind !== 'secret') {
    throw lacks(
      'the gate proves itself by something else than a secret',
      `give it ${quoted('secret')} for a rehearsal`,
      'sign-in',
    )
  }
  return {
    origin: gate.origin,
    port: Number(authority.port),
    tenantId: tenantId.toLowerCase(),
    client: gate.signIn.client,
    secret: read.ok.secret,
  }
}

/** A line a rehearsal; on a terminal its story goes on below where it began. */
function listed(rows: readonly { readonly id: string; readonly what: string }[], { stdout }: Shell): string {
  const idWidth = Math.max(...rows.map(({ id }) => columnsOf(id))) + 2
  const width = stdout.isTerminal ? Math.max(20, stdout.columns - idWidth) : Number.POSITIVE_INFINITY
  return rows
    .flatMap(({ id, what }) =>
      wrapText(what, width).map((line, at) => `${(at === 0 ? id : '').padEnd(idWidth)}${line}\n`),
    )
    .join('')
}
