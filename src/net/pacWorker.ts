/**
 * The thread in which proxy auto-configuration scripts run, one after the other, each in an interpreter of its own:
 * whatever a script does, the thread can be ended from outside, and nothing but names to resolve and one answer come out
 * of it.
 */
import { parentPort } from 'node:worker_threads'
import { createPacResolver, sandbox } from 'pac-resolver'
import { QuickJS } from 'quickjs-wasi'
import { parseAddress } from '../model/cidr.ts'
import type { PacTask, ToPac } from './pac.ts'

const maxMemoryBytes = 32 * 1024 * 1024

parentPort?.on('message', (said: PacTask | ToPac) => {
  if ('script' in said) void run(said)
})

/** As every browser has it: dotted pattern and mask, IPv4 only. */
function isInNet(address: string | null, pattern: string, mask: string): boolean {
  const [host, network, bits] = [address ?? '', pattern, mask].map(parseAddress)
  if (host?.family !== 4 || network?.family !== 4 || bits?.family !== 4) return false
  return (host.value & bits.value) === (network.value & bits.value)
}

async function run({ id, script, url, ownAddress }: PacTask): Promise<void> {
  const say = (said: object): void => parentPort?.postMessage({ id, ...said })
  const waiting = new Map<string, (address: string | null) => void>()
  const known = new Map<string, Promise<string | null>>()
  const onTold = (told: PacTask | ToPac): void => {
    if ('script' in told || told.id !== id) return
    waiting.get(told.name)?.(told.address)
    waiting.delete(told.name)
  }
  const resolve = (name: string): Promise<string | null> => {
    const asked = known.get(name)
    if (asked !== undefined) return asked
    const { promise, resolve: answer } = Promise.withResolvers<string | null>()
    known.set(name, promise)
    if (parseAddress(name) !== undefined) answer(name)
    else {
      waiting.set(name, answer)
      say({ kind: 'resolve', name })
    }
    return promise
  }
  const asksFor = (what: 'own-address' | 'time'): void => say({ kind: 'asked', what })
  parentPort?.on('message', onTold)
  try {
    using interpreter = await QuickJS.create({ memoryLimit: maxMemoryBytes })
    const findProxy = createPacResolver(interpreter, script, {
      // The library's own versions of these open sockets, one of them to an address on the Internet.
      sandbox: {
        dnsResolve: async (host: unknown) => resolve(String(host)),
        isResolvable: async (host: unknown) => (await resolve(String(host))) !== null,
        isInNet: async (host: unknown, pattern: unknown, mask: unknown) =>
          // What dnsResolve gives for a name that is nowhere is no name to look for.
          host !== null && isInNet(await resolve(String(host)), String(pattern), String(mask)),
        myIpAddress: async () => {
          asksFor('own-address')
          return ownAddress
        },
        weekdayRange: (...given: Parameters<typeof sandbox.weekdayRange>) => {
          asksFor('time')
          return sandbox.weekdayRange(...given)
        },
        dateRange: (...given: Parameters<typeof sandbox.dateRange>) => {
          asksFor('time')
          return sandbox.dateRange(...given)
        },
        timeRange: (...given: Parameters<typeof sandbox.timeRange>) => {
          asksFor('time')
          return sandbox.timeRange(...given)
        },
      },
    })
    const answer: unknown = await findProxy(url)
    say({ kind: 'answer', answer: typeof answer === 'string' ? answer : null })
  } catch (error) {
    say({ kind: 'threw', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
  } finally {
    parentPort?.off('message', onTold)
  }
}
