import type { Pool } from 'undici'
import type { HealthCheck } from '../../model/gate.ts'
import { backendReasonOf, Ended } from './backendReasons.ts'
import type { BackendNews } from './plan.ts'
import type { Server } from './server.ts'
import { poolOf } from './server.ts'

/** Answers in a row that change what is thought of a server; its very first one counts alone. */
const toChange = 2

type Finding = 'well' | Exclude<BackendNews['why'], 'answers-again'>

/**
 * Asks a server again and again whether it is well, over a connection of its own: one that is busy is not unwell. Ends with
 * the signal.
 */
export async function watchHealth(server: Server, check: HealthCheck, signal: AbortSignal): Promise<void> {
  const limits = { connections: 1, headersTimeout: check.timeoutMs, bodyTimeout: check.timeoutMs }
  const dial = { ...server.dial, timeoutMs: check.timeoutMs }
  const pool = poolOf(server.url, dial, signal, limits)
  let against = 0
  for (let asked = 0; !signal.aborted; asked += 1) {
    const finding = await askHealth(pool, check, signal)
    if (signal.aborted) break
    const isWell = finding === 'well'
    against = isWell === server.isWell ? 0 : against + 1
    if (against >= toChange || asked === 0) {
      server.judged(isWell, isWell ? 'answers-again' : finding)
      against = 0
    }
    await pause(check.everySeconds * 1000, signal)
  }
  await pool.destroy()
}

function askHealth(pool: Pool, { path, timeoutMs }: HealthCheck, signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    let abort: ((error: Error) => void) | undefined
    let connected = false
    const settle = (finding: Finding): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(finding)
    }
    const stop = (): void => {
      settle('health-timeout')
      abort?.(new Ended('ended'))
    }
    const timer = setTimeout(stop, timeoutMs)
    signal.addEventListener('abort', stop, { once: true })
    pool.dispatch(
      { path, method: 'GET', headers: ['accept', '*/*', 'user-agent', 'postern'] },
      {
        onRequestStart: (controller) => {
          connected = true
          abort = (error) => controller.abort(error)
        },
        onResponseStart: (controller, status) => {
          if (status < 200) return
          settle(status < 400 ? 'well' : 'health-status')
          // What a page of health says besides its status is not read.
          controller.abort(new Ended('ended'))
        },
        onResponseData: () => {},
        onResponseEnd: () => {},
        onResponseError: (_, error) => settle(backendReasonOf(error, connected)),
      },
    )
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
