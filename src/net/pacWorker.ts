/**
 * The thread in which one proxy auto-configuration script runs, in an interpreter of its own: whatever the script does,
 * the thread can be ended from outside, and nothing but names to resolve and one answer come out of it.
 */
import { workerData as given, parentPort } from 'node:worker_threads'
import { createPacResolver } from 'pac-resolver'
import { QuickJS } from 'quickjs-wasi'
import { parseAddress } from '../model/cidr.ts'
import type { PacTask, ToPac } from './pac.ts'

const maxMemoryBytes = 32 * 1024 * 1024

const { script, url, ownAddress }: PacTask = given
const waiting = new Map<string, (address: string | null) => void>()

parentPort?.on('message', ({ name, address }: ToPac) => {
  waiting.get(name)?.(address)
  waiting.delete(name)
})

const known = new Map<string, Promise<string | null>>()

function resolve(name: string): Promise<string | null> {
  const asked = known.get(name)
  if (asked !== undefined) return asked
  const { promise, resolve: answer } = Promise.withResolvers<string | null>()
  known.set(name, promise)
  if (parseAddress(name) !== undefined) answer(name)
  else {
    waiting.set(name, answer)
    parentPort?.postMessage({ kind: 'resolve', name })
  }
  return promise
}

/** As every browser has it: dotted pattern and mask, IPv4 only. */
function isInNet(address: string | null, pattern: string, mask: string): boolean {
  const [host, network, bits] = [address ?? '', pattern, mask].map(parseAddress)
  if (host?.family !== 4 || network?.family !== 4 || bits?.family !== 4) return false
  return (host.value & bits.value) === (network.value & bits.value)
}

const interpreter = await QuickJS.create({ memoryLimit: maxMemoryBytes })
try {
  const findProxy = createPacResolver(interpreter, script, {
    // The library's own versions of these open sockets, one of them to an address on the Internet.
    sandbox: {
      dnsResolve: async (host: unknown) => resolve(String(host)),
      isResolvable: async (host: unknown) => (await resolve(String(host))) !== null,
      isInNet: async (host: unknown, pattern: unknown, mask: unknown) =>
        isInNet(await resolve(String(host)), String(pattern), String(mask)),
      myIpAddress: async () => ownAddress,
    },
  })
  const answer: unknown = await findProxy(url)
  parentPort?.postMessage({ kind: 'answer', answer: typeof answer === 'string' ? answer : null })
} catch (error) {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  parentPort?.postMessage({ kind: 'threw', reason })
} finally {
  parentPort?.close()
}
