import type { Knowledge } from '../firewall/judged.ts'
import type { ConfigurationFile } from '../firewall/source.ts'
import type { Unknown } from '../firewall/unknown.ts'
import { formatAddress } from '../model/cidr.ts'
import { hostPort } from '../model/hostPort.ts'
import type { PacAnswer, PacMeans, PacRoute } from '../net/pac.ts'
import type { ScriptQuestion } from './scriptQuestion.ts'
import { questionKey, sampledSources } from './scriptQuestion.ts'

/** The interpreter of proxy scripts: given, so that it is bounded, and replaced in tests, outside. */
export type AskScript = (script: string, url: URL, means: PacMeans, signal: AbortSignal) => Promise<PacAnswer>

/** What a script says of a flow: which way its requests go, or why nobody can say. */
export type ScriptWord =
  | {
      readonly kind: 'ways'
      /** As the script gave it: `PROXY proxy.corp.example:3128; DIRECT`. */
      readonly answer: string
      /** In the order in which a browser tries them; never empty. */
      readonly routes: readonly PacRoute[]
      /** On what else the answer depends. */
      readonly doubts: readonly Unknown[]
    }
  | { readonly kind: 'unknown'; readonly doubts: readonly Unknown[] }

/** What the scripts of an audit said. */
export interface ScriptWords {
  /** Undefined where it was not asked. */
  readonly wordOf: (question: ScriptQuestion) => ScriptWord | undefined
  /** For each script, by its device, why it never ran; absent where it did. */
  readonly failures: ReadonlyMap<string, string>
}

/** A question nobody would take for one of the user's own: it tells whether a script runs at all. */
const trial = { url: 'https://login.microsoftonline.com/', from: '192.0.2.1' } as const

/** So many questions are under way at once: each is a thread with an interpreter. */
const atOnce = 4
/** So many requests are asked of all scripts of one audit. */
const mostAsked = 2000
/** A script that never answered and used up its time so often is not asked again. */
const mostTimeouts = 3

/**
 * Asks the proxy scripts of an audit, each request of each machine once. Nothing is resolved: a name whose address the
 * tables of the audit do not have makes the answer doubtful, and so does the time of day.
 *
 * @param scripts by device
 * @param signal what it had not asked when it was aborted is not in the answer
 */
export async function askScripts(
  questions: readonly ScriptQuestion[],
  scripts: ReadonlyMap<string, ConfigurationFile>,
  knowledge: Knowledge,
  ask: AskScript,
  signal: AbortSignal,
): Promise<ScriptWords> {
  const asking = new Map(
    [...scripts].map(([device, file]) => [device, new Asking(device, file, knowledge, ask, signal)]),
  )
  const wanted = new Map(questions.map((question) => [questionKey(question), question]))
  const words = new Map<string, ScriptWord>()
  const budget = { left: mostAsked }
  const waiting = [...wanted].values()
  const work = async (): Promise<void> => {
    for (const [key, question] of waiting) {
      if (signal.aborted) return
      const word = await asking.get(question.device)?.word(question, budget)
      if (word !== undefined && !signal.aborted) words.set(key, word)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const failures = new Map<string, string>()
  for (const [device, one] of asking) {
    const reason = signal.aborted ? undefined : await one.failure()
    if (reason !== undefined) failures.set(device, reason)
  }
  return { wordOf: (question) => words.get(questionKey(question)), failures }
}

/** One answer of a script, with what it depends on. */
interface Said {
  readonly answer: PacAnswer
  readonly doubts: readonly Unknown[]
  readonly usesSource: boolean
}

const clockInText = /\bnew\s+Date\b|\bDate\s*\(|\bDate\.now\b/

class Asking {
  readonly device: string
  readonly file: ConfigurationFile
  readonly knowledge: Knowledge
  readonly ask: AskScript
  readonly signal: AbortSignal
  readonly said = new Map<string, Promise<Said>>()
  timeouts = 0
  ran = false
  lastFailure: string | undefined

  constructor(device: string, file: ConfigurationFile, knowledge: Knowledge, ask: AskScript, signal: AbortSignal) {
    this.device = device
    this.file = file
    this.knowledge = knowledge
    this.ask = ask
    this.signal = signal
  }

  /** Why the script never gave a way; undefined where it did. */
  async failure(): Promise<string | undefined> {
    if (this.said.size === 0) await this.one(trial.url, trial.from, { left: 1 })
    return this.ran ? undefined : this.lastFailure
  }

  async word({ urls, source }: ScriptQuestion, budget: { left: number }): Promise<ScriptWord> {
    const machines = sampledSources(source, this.file.text)
    const [first] = machines
    if (first === undefined || urls.length === 0) return unknown('other', `what ${this.device} is asked for`)
    const found: { readonly url: string; readonly from: string; readonly said: Said }[] = []
    for (const url of urls) {
      const said = await this.one(url, first, budget)
      found.push({ url, from: first, said })
      if (!said.usesSource) continue
      for (const from of machines.slice(1)) found.push({ url, from, said: await this.one(url, from, budget) })
    }
    return this.drawn(found)
  }

  /** All must have been answered alike. */
  private drawn(found: readonly { readonly url: string; readonly from: string; readonly said: Said }[]): ScriptWord {
    const doubts = [...new Map(found.flatMap(({ said }) => said.doubts).map((doubt) => [doubt.what, doubt])).values()]
    const failed = found.flatMap(({ said }) => (said.answer.kind === 'failed' ? [said.answer.reason] : []))
    const [reason] = failed
    if (reason !== undefined)
      return unknown('other', `what ${this.device} answers: ${this.file.name} ${failureWords(reason)}`)
    const byAnswer = Map.groupBy(found, ({ said }) => answerOf(said.answer))
    const [one, other] = [...byAnswer]
    if (one === undefined) return unknown('other', `what ${this.device} answers`)
    if (other === undefined) {
      const [, [example]] = one
      const routes = example?.said.answer.kind === 'routes' ? example.said.answer.routes : []
      return { kind: 'ways', answer: one[0], routes, doubts }
    }
    const [[a, [first]], [b, [second]]] = [one, other]
    const isWho = first?.url === second?.url
    const example = (at: typeof first): string => (isWho ? (at?.from ?? '') : (at?.url ?? ''))
    const what = `${isWho ? 'which machine asks' : 'what is asked for'}: ${this.device} answers ${a} for ${example(first)} and ${b} for ${example(second)}`
    return { kind: 'unknown', doubts: [{ kind: 'other', what }, ...doubts] }
  }

  /** One request; of an answer that does not depend on who asks, nobody else asks again. */
  private async one(url: string, from: string, budget: { left: number }): Promise<Said> {
    const byAnybody = this.said.get(url)
    const ofThisOne = `${url} ${from}`
    if (byAnybody !== undefined && !(await byAnybody).usesSource) return byAnybody
    const known = this.said.get(ofThisOne)
    if (known !== undefined) return known
    const asked = this.put(url, from, budget)
    if (byAnybody === undefined) this.said.set(url, asked)
    this.said.set(ofThisOne, asked)
    return asked
  }

  private async put(url: string, from: string, budget: { left: number }): Promise<Said> {
    const failed = (reason: string): Said => ({ answer: { kind: 'failed', reason }, doubts: [], usesSource: false })
    if (budget.left <= 0) return failed(`was not asked: there are more than ${mostAsked} requests`)
    if (!this.ran && this.timeouts >= mostTimeouts) return failed(this.lastFailure ?? 'gave no answer')
    budget.left -= 1
    const used = new Set<'own-address' | 'time'>()
    const doubted = new Set<string>()
    const means: PacMeans = {
      ownAddress: from,
      resolve: async (name) => {
        const address = this.addressOf(name)
        if (address === undefined) doubted.add(name.slice(0, 253))
        return address
      },
      onAsked: (what) => {
        used.add(what)
      },
    }
    const answer = await this.ask(this.file.text, new URL(url), means, this.signal)
    if (answer.kind === 'failed') {
      this.lastFailure = answer.reason
      if (answer.reason.startsWith('no answer within')) this.timeouts += 1
    } else this.ran = true
    return { answer, doubts: this.doubtsOf(doubted, used), usesSource: used.has('own-address') }
  }

  private doubtsOf(names: ReadonlySet<string>, used: ReadonlySet<'own-address' | 'time'>): readonly Unknown[] {
    const { device, file } = this
    return [
      ...[...names].slice(0, 8).map(
        (name): Unknown => ({
          kind: 'names',
          what: `the address of ${name}, which ${device} has resolved to decide`,
        }),
      ),
      ...(used.has('time') || clockInText.test(file.text)
        ? [{ kind: 'time', what: `the day or the hour, by which ${device} decides` } as const]
        : []),
      ...(/\bMath\.random\b/.test(file.text)
        ? [{ kind: 'other', what: `chance, by which ${device} decides` } as const]
        : []),
    ]
  }

  /** The only IPv4 address of a name, where the tables of the audit have it. */
  private addressOf(name: string): string | undefined {
    const ranges = this.knowledge.name(name)?.addresses.filter(({ family }) => family === 4) ?? []
    const [range, ...others] = ranges
    if (range === undefined || others.length > 0 || range.first !== range.last) return undefined
    return formatAddress({ family: 4, value: range.first })
  }
}

function unknown(kind: Unknown['kind'], what: string): ScriptWord {
  return { kind: 'unknown', doubts: [{ kind, what }] }
}

/** A reason as it goes on from the name of the file. */
function failureWords(reason: string): string {
  return reason.startsWith('was not asked') || reason.startsWith('FindProxyForURL') ? reason : `fails: ${reason}`
}

function answerOf(answer: PacAnswer): string {
  return answer.kind === 'routes' ? answer.routes.map(routeText).join('; ') : ''
}

const words = { http: 'PROXY', https: 'HTTPS', socks: 'SOCKS' } as const

/** A way as a script writes it. */
export function routeText(route: PacRoute): string {
  return route.kind === 'direct' ? 'DIRECT' : `${words[route.type]} ${hostPort(route.host, route.port)}`
}
