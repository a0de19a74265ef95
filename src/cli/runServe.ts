import { once } from 'node:events'
import { systemClock } from '../net/clock.ts'
import type { Serving } from './openServing.ts'
import { openServing } from './openServing.ts'
import type { ServedGate } from './servedGate.ts'
import { servedGate } from './servedGate.ts'
import { checkServing } from './servingParts.ts'
import type { Shell } from './shell.ts'
import { exitCodes } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { ServeOptions } from './verbs/serve.ts'

/** What is left to do after the requests have ended, in milliseconds. */
const afterDrainMs = 10_000

/**
 * Serves the gate of a site file until Ctrl-C or SIGTERM, and lets open requests end.
 *
 * @returns the exit code
 * @throws UsageError when it cannot start, with what would be right
 */
export async function runServe(options: ServeOptions, shell: Shell): Promise<number> {
  const loaded = await siteFrom(options.site, shell, false)
  const served = servedGate(loaded)
  const out = (text: string): void => {
    if (options.quiet !== true) shell.stdout.write(text)
  }
  if (options.check === true) {
    await checkServing(served, loaded, shell)
    out('The settings, certificates and secrets of the gate can be used.\n')
    return exitCodes.well
  }
  const say = (line: string): void => out(`${new Date(systemClock.now()).toISOString().slice(11, 19)}Z ${line}\n`)
  const serving = await openServing(served, loaded, shell, { say })
  try {
    shell.stopMayTake?.(served.gate.limits.drainSeconds * 1000 + afterDrainMs)
    out(`${beginningOf(served, serving).join('\n')}\n\n`)
    if (!shell.signal.aborted) await once(shell.signal, 'abort')
    const { connections } = serving.listener
    say(
      connections === 0
        ? 'stopping'
        : `stopping: ${connections} connections have ${served.gate.limits.drainSeconds} s to end`,
    )
    await serving.drain()
    say('stopped')
  } finally {
    await serving.close()
  }
  return stoppedByCtrlC(shell.signal) ? exitCodes.interrupted : exitCodes.well
}

/** Service managers end a server with SIGTERM and count everything but 0 as a failure. */
function stoppedByCtrlC({ reason }: AbortSignal): boolean {
  return reason instanceof Error && reason.message.includes('Ctrl-C')
}

/** What somebody has to know who starts a gate. */
export function beginningOf(
  { gate, origin, routes, tenants }: ServedGate,
  { listener, signIn }: Pick<Serving, 'listener' | 'signIn'>,
): readonly string[] {
  const places = listener.places.map(
    ({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`,
  )
  const backends = Object.entries(gate.backends).map(([name, { urls }]) => `${name} (${urls.join(', ')})`)
  return [
    `The gate is open at ${origin}, on ${places.join(' and ')}; Ctrl-C ends it.`,
    ...(signIn === undefined ? [] : [`Redirect URI to register, letter by letter: ${signIn.redirectUri}`]),
    ...(tenants.length === 0 ? [] : [`${tenants.length === 1 ? 'Tenant' : 'Tenants'}: ${tenants.join(', ')}`]),
    `Routes: ${routes.map(({ id, path }) => `${id} ${path}`).join(', ')}; everything else is denied.`,
    `Behind it: ${backends.join(', ')}`,
    `The record: ${gate.record.folder}; postern audit-log verify`,
  ]
}
