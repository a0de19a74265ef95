import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { check } from '../src/check/check.ts'
import type { CheckEvent } from '../src/check/checkOptions.ts'
import { openBlackHole } from '../src/lab/servers/blackHole.ts'
import type { Flow } from '../src/model/flow.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from '../test/checkInput.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'
import { flowAt } from './flowAt.ts'

const flows = 60
const timeoutMs = 3000
const runs = 5
/** Two waits would be 6000 ms. */
const oneWait = { most: 4000 } as const

/** Every service that is asked by datagram. */
const byDatagram = ['dns', 'kerberos', 'kpasswd', 'cldap', 'ntp'] as const

export const bench: Bench = {
  question: `of ${flows} flows that all time out at ${timeoutMs} ms, over TCP or over UDP, when do the verdicts stand?`,
  async run() {
    const signal = new AbortController().signal
    const { port, close } = await holeOnEveryLoopbackAddress(signal)
    try {
      const placed = Array.from({ length: flows }, (_, index) => ({ address: `127.0.8.${index + 1}`, index }))
      const overTcp = placed.map(({ address, index }) => flowAt(address, port, 'tcp', index))
      const overUdp = placed.map(({ address, index }): Flow => {
        const flow = flowAt(address, port, byDatagram[index % byDatagram.length] ?? 'ntp', index)
        return { ...flow, target: { ...flow.target, transport: 'udp' } }
      })
      return [
        ...(await timed('TCP', overTcp, signal)),
        ...(await timed('UDP', overUdp, signal)),
        figure('one after the other would take', 'ms', [flows * timeoutMs]),
      ]
    } finally {
      await close()
    }
  },
}

async function timed(transport: string, asked: readonly Flow[], signal: AbortSignal): Promise<readonly Figure[]> {
  const first: number[] = []
  const last: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const stood: number[] = []
    const start = performance.now()
    const onEvent = (event: CheckEvent): void => {
      if (event.kind === 'first-verdict') stood.push(performance.now() - start)
    }
    const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/bench' })
    const report = await check(checkInput(asked), net, { signal, timeoutMs, onEvent })
    const spared = report.flows.find(({ verdict }) => verdict === 'open')
    if (spared !== undefined) throw new Error(`a flow into the black hole was open: ${spared.says}`)
    first.push(stood.at(-1) ?? Number.NaN)
    last.push(performance.now() - start)
  }
  return [
    figure(`${transport}: every first verdict stands`, 'ms', first, oneWait),
    figure(`${transport}: every verdict with its controls`, 'ms', last, oneWait),
  ]
}

/**
 * One listener whose queue is full stands for all addresses of the loopback network: every SYN to it is dropped. Datagrams
 * to the same port are taken, and nobody answers.
 */
async function holeOnEveryLoopbackAddress(signal: AbortSignal): Promise<{ port: number; close: () => Promise<void> }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const silent = createSocket('udp4').bind(port, '0.0.0.0')
  await once(silent, 'listening')
  const { close } = await openBlackHole('0.0.0.0', port, signal)
  return {
    port,
    close: async () => {
      silent.close()
      await close()
    },
  }
}
