import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { check } from '../src/check/check.ts'
import type { CheckEvent } from '../src/check/checkOptions.ts'
import { openBlackHole } from '../src/lab/servers/blackHole.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from '../test/checkInput.ts'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'
import { flowAt } from './flowAt.ts'

const flows = 60
const timeoutMs = 3000
const runs = 5

export const bench: Bench = {
  question: `of ${flows} flows that all time out at ${timeoutMs} ms, when do the verdicts stand?`,
  async run() {
    const signal = new AbortController().signal
    // One listener whose queue is full stands for all addresses of the loopback network: every SYN to it is dropped.
    const { port, close } = await holeOnEveryLoopbackAddress(signal)
    try {
      const first: number[] = []
      const last: number[] = []
      for (let run = 0; run < runs; run += 1) {
        const stood: number[] = []
        const start = performance.now()
        const onEvent = (event: CheckEvent): void => {
          if (event.kind === 'first-verdict') stood.push(performance.now() - start)
        }
        const flowsAt = Array.from({ length: flows }, (_, index) => flowAt(`127.0.8.${index + 1}`, port, 'tcp', index))
        const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/bench' })
        const report = await check(checkInput(flowsAt), net, { signal, timeoutMs, onEvent })
        if (report.flows.some(({ verdict }) => verdict === 'open'))
          throw new Error('a flow into the black hole was open')
        first.push(stood.at(-1) ?? Number.NaN)
        last.push(performance.now() - start)
      }
      return [
        figure('every first verdict stands', 'ms', first, { most: 4000 }),
        figure('every verdict with its controls', 'ms', last, { most: 2 * timeoutMs + 1000 }),
        figure('one after the other would take', 'ms', [flows * timeoutMs]),
      ]
    } finally {
      await close()
    }
  },
}

async function holeOnEveryLoopbackAddress(signal: AbortSignal): Promise<{ port: number; close: () => Promise<void> }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const { close } = await openBlackHole('0.0.0.0', port, signal)
  return { port, close }
}
