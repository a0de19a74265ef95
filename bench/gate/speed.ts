import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import { figure } from '../figure.ts'
import type { Contender } from './contenders.ts'
import { ours, peers } from './contenders.ts'
import type { Asked, Paced } from './h2load.ts'
import { loadEvenly, loadFully } from './h2load.ts'

export interface SpeedOptions {
  readonly h2load: string
  /** Where a log of requests may be for a moment. */
  readonly folder: string
  readonly rounds: number
  /** Of each load, 10 at most. */
  readonly seconds: number
}

/** What one contender did in one round. */
interface Round {
  readonly rate: number
  /** Of the gateway, in µs. */
  readonly cpuUs: number
  readonly half: Paced
}

/** Rates, processor time and latencies of all, in turns, so that what else the machine does meets all of them. */
export async function speedFigures(
  contenders: readonly Contender[],
  backend: Asked,
  options: SpeedOptions,
): Promise<readonly Figure[]> {
  const took = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]))
  const added: number[] = []
  const busy: number[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    busy.push(loadavg()[0] ?? Number.NaN)
    for (const contender of contenders) {
      const one = await roundOf(contender, options)
      took.get(contender.name)?.push(one)
      if (contender.name !== ours.session) continue
      // What the backend itself needs at this rate is not added by anybody.
      const bare = await loadEvenly(options.h2load, backend, paceOf(one.rate / 2, options))
      added.push(one.half.p99Ms - bare.p99Ms)
    }
  }
  const of = (name: string): readonly Round[] => took.get(name) ?? []
  const over = (one: string, other: string, what: (round: Round) => number): readonly number[] =>
    of(one).flatMap((round, at) => {
      const beside = of(other)[at]
      return beside === undefined ? [] : [what(round) / what(beside)]
    })
  const rate = (round: Round): number => round.rate
  return [
    ...contenders.flatMap(({ name }) => figuresOf(name, of(name))),
    ...compared('our session over mod_auth_openidc, rate', '%', over(ours.session, peers.apache, rate), 100, {
      least: 100,
    }),
    ...compared('our session over our anonymous, rate', '%', over(ours.session, ours.anonymous, rate), 100, {
      least: 80,
    }),
    ...compared(
      'our session over our anonymous, CPU',
      '%',
      over(ours.session, ours.anonymous, ({ cpuUs }) => cpuUs),
      100,
    ),
    ...compared(
      'our session over nginx, CPU',
      'times',
      over(ours.session, peers.nginx, ({ cpuUs }) => cpuUs),
      1,
      {
        most: 2.5,
      },
    ),
    ...compared(
      'our session over the Node proxy, CPU',
      'times',
      over(ours.session, peers.node, ({ cpuUs }) => cpuUs),
      1,
    ),
    figure('our session, p99 that it adds at half load', 'ms', added, { most: 3 }),
    figure('load average of the machine', '', busy),
  ]
}

async function roundOf(contender: Contender, options: SpeedOptions): Promise<Round> {
  const { name, program } = contender
  await loadFully(options.h2load, contender, 1)
  const before = program.cpuMs()
  const full = await loadFully(options.h2load, contender, options.seconds)
  const cpuUs = ((program.cpuMs() - before) * 1000) / full.answers
  const half = await loadEvenly(options.h2load, contender, paceOf(full.rate / 2, options))
  const failed = full.failed + half.failed
  if (failed > 0) throw new Error(`${name}: ${failed} requests were not answered with 200`)
  return { rate: full.rate, cpuUs, half }
}

function paceOf(perSecond: number, { seconds, folder }: SpeedOptions) {
  return { perSecond, seconds, log: join(folder, 'requests.log') }
}

function figuresOf(name: string, rounds: readonly Round[]): readonly Figure[] {
  return [
    figure(
      name,
      '/s',
      rounds.map(({ rate }) => rate),
    ),
    figure(
      `${name}, CPU a request`,
      'µs',
      rounds.map(({ cpuUs }) => cpuUs),
    ),
    figure(
      `${name}, p50 at half load`,
      'ms',
      rounds.map(({ half }) => half.p50Ms),
    ),
    figure(
      `${name}, p99 at half load`,
      'ms',
      rounds.map(({ half }) => half.p99Ms),
    ),
  ]
}

/** Pair by pair; nothing where the other is not installed. */
function compared(
  name: string,
  unit: string,
  ratios: readonly number[],
  times: number,
  goal?: Figure['goal'],
): readonly Figure[] {
  if (ratios.length === 0) return []
  return [
    figure(
      name,
      unit,
      ratios.map((ratio) => ratio * times),
      goal,
    ),
  ]
}
