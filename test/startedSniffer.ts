import assert from 'node:assert/strict'
import type { CaptureTool, Sniffed, Sniffer } from '../src/net/sniff.ts'
import { sniff } from '../src/net/sniff.ts'

/** A capture that has begun; where it does not begin, the test fails with the reason. */
export async function startedSniffer(
  tool: CaptureTool,
  lives: AbortSignal,
  addresses: readonly string[] = ['192.0.2.1'],
): Promise<Sniffer> {
  const limits = { signal: new AbortController().signal, timeoutMs: 60_000 }
  const sniffing = await sniff({ tool, addresses }, lives, limits)
  assert.ok(sniffing.kind === 'capturing', JSON.stringify(sniffing))
  return sniffing.sniffer
}

/** All of its packets, once it has ended. */
export async function readPackets({ packets }: Sniffer): Promise<readonly Sniffed[]> {
  const read: Sniffed[] = []
  for await (const one of packets) read.push(one)
  return read
}
