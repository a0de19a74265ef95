/**
 * A client that captures while it knocks. Run inside of the client's namespace: `sniffed.ts TCPDUMP ADDRESS:PORT…`, which
 * writes for each knock how it ended and what its packets show, as JSON.
 */
import { connect } from 'node:net'
import type { Sniffed } from '../../src/net/sniff.ts'
import { sniff } from '../../src/net/sniff.ts'
import type { Attempt } from '../../src/wire/attemptEvidence.ts'
import { attemptEvidence } from '../../src/wire/attemptEvidence.ts'

const waitMs = 1500
const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
/** Until what follows a knock has been seen. */
const lingerMs = 100

function knock(address: string, port: number): Promise<Attempt & { readonly ended: string }> {
  const sinceMs = Date.now()
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, autoSelectFamily: false })
    const end = (ended: string): void => {
      clearTimeout(timer)
      socket.destroy()
      setTimeout(() => resolve({ address, port, sinceMs, untilMs: Date.now(), ended }), lingerMs)
    }
    const timer = setTimeout(() => end('silence'), waitMs)
    socket.once('connect', () => end('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

const [place = '', ...targets] = process.argv.slice(2)
const places = targets.map((target) => ({ address: target.split(':')[0] ?? '', port: Number(target.split(':')[1]) }))
const lives = new AbortController()
const sniffing = await sniff(
  { tool: { name: 'tcpdump', place }, addresses: places.map(({ address }) => address) },
  lives.signal,
  limits,
)
if (sniffing.kind !== 'capturing') throw new Error(`${sniffing.kind}: ${sniffing.why}`)
const { sniffer } = sniffing

async function readAll(): Promise<readonly Sniffed[]> {
  const read: Sniffed[] = []
  for await (const one of sniffer.packets) read.push(one)
  return read
}

const packets = readAll()
const attempts: (Attempt & { readonly ended: string })[] = []
for (const { address, port } of places) attempts.push(await knock(address, port))
const end = await sniffer.stop(limits)
const seen = await packets
const knocks = attempts.map((attempt) => ({ ended: attempt.ended, evidence: attemptEvidence(seen, attempt) }))
process.stdout.write(JSON.stringify({ end, knocks }))
