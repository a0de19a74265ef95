import type { Permit } from '../firewall/permit.ts'
import type { Reader } from '../firewall/reader.ts'
import type { Written } from '../firewall/writer.ts'
import { sayableName } from '../firewall/writing/sayableName.ts'
import type { RuleBeyond, RuleNotProven, RulesProof } from '../model/rulesReport.ts'
import type { PacAnswer } from '../net/pac.ts'

/** Asks a script which way a URL goes; bounded by who gives it. */
export type AskWay = (script: string, url: URL) => Promise<PacAnswer>

interface WrittenScript {
  readonly written: Written
  readonly permits: readonly Permit[]
  readonly read: Reader
}

/** Each question is answered by a number that has to be a port. */
const mostAsked = 60_000

/**
 * Proves a proxy script by running it: every name and port of the permits is asked for, and so is what lies next to them,
 * names above, below and beside, and other ports. A script forbids nothing, so that no denial is counted.
 */
export async function proofByScript({ written, permits, read }: WrittenScript, ask: AskWay): Promise<RulesProof> {
  const [file] = written.files
  const script = file?.text ?? ''
  const { coverage } = read(file === undefined ? [] : [{ name: file.name, text: script }], { places: {} })
  const left = new Set(written.notSaid.flatMap(({ permit }) => permit ?? []))
  const said = permits.filter(({ id }) => !left.has(id))
  const wanted = new Set(said.flatMap(urlsOf))
  const near = new Set(said.flatMap(urlsNear).filter((url) => !said.some((permit) => asksFor(permit, url))))
  const sent = await sentUrls(script, [...wanted, ...near], ask)
  const failing = said.flatMap((permit) => notSent(permit, sent) ?? [])
  return {
    statements: coverage.statements,
    understood: coverage.understood,
    asked: said.length,
    allowed: said.length - failing.length,
    notSaid: permits.length - said.length,
    notAllowed: failing,
    denials: 0,
    notClosed: [],
    beyond: [...near].flatMap((url): readonly RuleBeyond[] =>
      typeof sent !== 'string' && sent.has(url) ? [{ what: `${url} to the proxy`, by: 'FindProxyForURL' }] : [],
    ),
  }
}

/**
 * The URLs that a script sends to a proxy and nowhere else, or why it did not answer. All are asked in one run: each run
 * is a thread with an interpreter of its own.
 */
async function sentUrls(script: string, urls: readonly string[], ask: AskWay): Promise<ReadonlySet<string> | string> {
  const asked = urls.slice(0, mostAsked)
  const hosts = asked.map((url) => [url, new URL(url).hostname])
  const answer = await ask(`${script}\n${inOneRun(JSON.stringify(hosts))}`, new URL('https://postern.invalid/'))
  if (answer.kind === 'failed') return answer.reason
  const numbers = answer.routes.flatMap((route) =>
    route.kind === 'proxy' && route.host === 'sent' ? [route.port] : [],
  )
  return new Set(numbers.flatMap((number) => asked[number - 1] ?? []))
}

function inOneRun(hosts: string): string {
  return `var posternAsked = ${hosts};
var posternScript = FindProxyForURL;
FindProxyForURL = function () {
  var sent = [];
  for (var at = 0; at < posternAsked.length; at += 1) {
    var way = posternScript(posternAsked[at][0], posternAsked[at][1]);
    if (/^(PROXY|HTTPS) [^;]+$/.test(way)) sent.push("PROXY sent:" + (at + 1));
  }
  return sent.length > 0 ? sent.join("; ") : "DIRECT";
};
`
}

function notSent(permit: Permit, sent: ReadonlySet<string> | string): RuleNotProven | undefined {
  const { id, flows, necessity } = permit
  const told = { permit: id, flows, necessity }
  if (typeof sent === 'string') return { ...told, verdict: 'not-asked', why: `the script did not answer: ${sent}` }
  const url = urlsOf(permit).find((one) => !sent.has(one))
  return url === undefined ? undefined : { ...told, verdict: 'may', why: `${url} does not go to the proxy alone` }
}

/** Requests that a permit is for: of a star a name with one label, and one with two; of ports both ends of a range. */
function urlsOf({ to: { name }, request, ports }: Permit): readonly string[] {
  const said = sayableName(name ?? '')
  if (said === undefined) return []
  const names = said.kind === 'below' ? [`postern.${said.name}`, `a.postern.${said.name}`] : [said.name]
  const numbers = new Set(ports.flatMap(({ first, last }) => [first, last]))
  return names.flatMap((one) => [...numbers].map((port) => urlOf(request, one, port)))
}

function urlsNear({ to: { name }, request, ports: [port] }: Permit): readonly string[] {
  const said = sayableName(name ?? '')
  if (said === undefined || port === undefined) return []
  const others = [
    `x${said.name}`,
    `${said.name}.postern.example`,
    said.kind === 'below' ? said.name : `postern.${said.name}`,
  ]
  const numbers = [port.first - 1, port.last + 1].filter((one) => one > 0 && one < 65_536)
  const own = said.kind === 'below' ? `postern.${said.name}` : said.name
  return [...others.map((one) => urlOf(request, one, port.first)), ...numbers.map((one) => urlOf(request, own, one))]
}

function urlOf(request: Permit['request'], name: string, port: number): string {
  return `${request === 'plain' ? 'http' : 'https'}://${name}:${port}/`
}

function asksFor({ to: { name }, ports }: Permit, url: string): boolean {
  const said = sayableName(name ?? '')
  const { hostname, port, protocol } = new URL(url)
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  const isNamed = said?.kind === 'below' ? hostname.endsWith(`.${said.name}`) : said?.name === hostname
  return isNamed && ports.some(({ first, last }) => first <= number && number <= last)
}
