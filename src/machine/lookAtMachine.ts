import type { DoctorReport, LookReport, LookState } from '../model/doctorReport.ts'
import type { Limits } from '../net/net.ts'
import type { Found, Look } from './look.ts'
import { unknown } from './look.ts'
import { looks } from './looks.ts'
import type { Asked, Means } from './means.ts'

/** How much longer a look may take to end after its time was over, in milliseconds, before it is left behind. */
const graceMs = 500

/**
 * Looks at the machine: all looks at once, each within the time-out, what cannot be learnt told as `unknown`.
 *
 * @param postern the version of the program
 * @param limits `timeoutMs` bounds each look as a whole
 */
export async function lookAtMachine(
  postern: string,
  means: Means,
  asked: Asked,
  limits: Limits,
  table: readonly Look[] = looks,
): Promise<DoctorReport> {
  const startMs = means.net.now()
  const found = await Promise.all(table.map((look) => reportOf(look, means, asked, limits)))
  const count = (wanted: LookState): number => found.filter(({ state }) => state === wanted).length
  return {
    postern,
    kind: 'doctor',
    machine: { name: means.hostName, platform: means.platform, node: means.nodeVersion },
    ...(asked.site !== undefined && { site: asked.site.site }),
    startedAt: new Date(startMs).toISOString(),
    durationMs: Math.max(0, means.net.now() - startMs),
    interrupted: limits.signal.aborted,
    summary: { ok: count('ok'), limits: count('limits'), unknown: count('unknown') },
    looks: found,
  }
}

async function reportOf(look: Look, means: Means, asked: Asked, limits: Limits): Promise<LookReport> {
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)])
  const late = Promise.withResolvers<Found>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    const why = limits.signal.aborted ? 'it was stopped' : `it took longer than ${limits.timeoutMs} ms`
    timer = setTimeout(() => late.resolve(unknown(`not learnt: ${why}`)), graceMs)
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const {
      state,
      says,
      next,
      figures = {},
      table,
    } = await Promise.race([look.look(means, asked, { signal, timeoutMs: limits.timeoutMs }), late.promise])
    return {
      id: look.id,
      group: look.group,
      title: look.title,
      state,
      says,
      ...(next !== undefined && next !== '' && { next }),
      figures,
      ...(table !== undefined && { table }),
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
