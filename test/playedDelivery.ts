import type { TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { OutletNews, Spool } from '../src/outlets/delivery.ts'
import { deliver } from '../src/outlets/delivery.ts'
import type { Send } from '../src/outlets/outlet.ts'
import type { Spooled } from '../src/store/history/historyStore.ts'

/** A spool in memory, as the history keeps it. */
export class SpoolInMemory implements Spool {
  rows: Spooled[] = []
  readonly words = new Map<string, string>()
  isFull = false
  #last = 0

  async spool(outlet: string, body: string, dueAt: number): Promise<void> {
    this.#last += 1
    this.rows.push({ number: this.#last, outlet, tries: 0, dueAt, body })
  }
  due(outlet: string, now: number, most: number): readonly Spooled[] {
    return this.rows.filter((row) => row.outlet === outlet && row.dueAt <= now).slice(0, most)
  }
  waiting(outlet: string): number {
    return this.rows.filter((row) => row.outlet === outlet).length
  }
  async sent(numbers: readonly number[]): Promise<void> {
    if (this.isFull) throw new Error('disk full')
    this.rows = this.rows.filter(({ number }) => !numbers.includes(number))
  }
  async postpone(number: number, dueAt: number): Promise<void> {
    this.rows = this.rows.map((row) => (row.number === number ? { ...row, dueAt, tries: row.tries + 1 } : row))
  }
  word(name: string): string | undefined {
    return this.words.get(name)
  }
  async keepWord(name: string, text: string): Promise<void> {
    this.words.set(name, text)
  }
}

interface Playing {
  readonly send: Send
  readonly bodies: readonly object[]
  readonly atOnce?: number
  readonly timeoutMs?: number
  /** Asked at each wait, with what was played: whether it is over. Default: nothing waits in the spool any more. */
  readonly isOver?: (spool: SpoolInMemory, now: number) => boolean
  readonly spool?: SpoolInMemory
}

/** Plays a loop in a time of its own, in which every wait is over at once. */
export async function play(t: TestContext, { send, bodies, atOnce = 10, timeoutMs = 1000, ...rest }: Playing) {
  const { spool = new SpoolInMemory(), isOver = ({ rows }) => rows.length === 0 } = rest
  for (const body of bodies) await spool.spool('ops', JSON.stringify(body), 0)
  const ending = new AbortController()
  t.after(() => ending.abort())
  const news: OutletNews[] = []
  const waits: number[] = []
  const clock = { now: 1_000_000 }
  const loop = deliver({
    outlets: [{ name: 'ops', kind: 'webhook', atOnce, timeoutMs, send }],
    spool,
    now: () => clock.now,
    random: () => 0,
    async wait(ms) {
      if (isOver(spool, clock.now)) ending.abort()
      waits.push(ms)
      clock.now += ms
      await turn()
    },
    onNews: (one) => void news.push(one),
    signal: ending.signal,
  })
  await loop.ended
  return { spool, news, waits, clock, loop }
}
