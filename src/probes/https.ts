import { mostRedirects } from '../model/ownApp.ts'
import type { Cookies } from '../wire/cookies.ts'
import { cookieField, withCookies } from '../wire/cookies.ts'
import { withoutSignInValues } from '../wire/withoutSignInValues.ts'
import { getUrl } from './getUrl.ts'
import type { Keep, Observe, Question } from './probe.ts'
import { attempt, shakeHands } from './shakeHands.ts'

type Arguments = Parameters<Observe>
type Socket = Parameters<Arguments[1]['exchange']>[0]

export const observe: Observe = async (question, net, keep, limits) => {
  let visit: Visit = { cookies: new Map() }
  await shakeHands(question, ['http/1.1'], net, keep, limits, async (socket) => {
    visit = await ask(socket, question, visit, net, keep, limits)
  })
  // What an app says next is no repetition of the question: whatever comes of it, the app was reached.
  const aside: Keep = (seen) => keep(seen, { role: 'control', varies: 'path' })
  const asked = new Map([[stateOf({ ...visit, cookies: new Map(), path: question.path ?? '/' }), 1]])
  for (let followed = 0; followed < mostRedirects && visit.path !== undefined; followed += 1) {
    const state = stateOf(visit)
    const times = (asked.get(state) ?? 0) + 1
    // Once again the same shows that it is a circle; more of it shows nothing new.
    if (times > mostTimes) return
    asked.set(state, times)
    visit = await askNext({ ...question, path: visit.path }, visit, net, aside, limits)
  }
}

/** A visitor of an app, as a browser is one: where it is sent on to, and what the app has left with it. */
interface Visit {
  readonly path?: string
  readonly cookies: Cookies
}

const mostTimes = 2

/** What an app can tell one request of a visit from another by. */
function stateOf({ path = '/', cookies }: Visit): string {
  return JSON.stringify([path, cookieField(cookies) ?? ''])
}

/** One more page of the same app, over a connection of its own; the state of its certificate is known by now. */
async function askNext(question: Question, visit: Visit, net: Arguments[1], keep: Keep, limits: Arguments[3]) {
  const shaken = await attempt(question, { alpn: ['http/1.1'] }, net, keep, limits)
  const nowhere = { cookies: visit.cookies }
  if (shaken === undefined) return nowhere
  keep(shaken.seen)
  return shaken.socket === undefined ? nowhere : await ask(shaken.socket, question, visit, net, keep, limits)
}

/** @returns with the path that the app sends on to, where its sign-in is looked for and not found yet */
async function ask(
  socket: Socket,
  question: Question,
  { cookies: known }: Visit,
  net: Arguments[1],
  keep: Keep,
  limits: Arguments[3],
): Promise<Visit> {
  const { address, via, signIn } = question
  const url = getUrl('https', question)
  const cookie = cookieField(known)
  const asked = {
    url,
    address,
    method: 'GET',
    ...(signIn && ({ readsSignIn: true } as const)),
    ...(cookie !== undefined && { headers: { Cookie: cookie } }),
  } as const
  const { seen: answer, location, cookies: set } = await net.exchange(socket, asked, limits)
  // Where an app has sent us on there may be what belongs to this one visit.
  const seen = { ...answer, url: withoutSignInValues(answer.url) }
  keep(via === undefined ? seen : { ...seen, through: via.proxy })
  const cookies = withCookies(known, set)
  if (signIn === undefined || seen.signIn !== undefined || location === undefined) return { cookies }
  const path = pathWithin(location, url, signIn.port)
  return { cookies, ...(path !== undefined && { path }) }
}

/** The path of a redirect that leads to the same app: nothing is sent to anybody else. */
function pathWithin(location: string, base: string, knownPort: number): string | undefined {
  if (!URL.canParse(location, base)) return undefined
  const from = new URL(base)
  const to = new URL(location, base)
  const port = Number(to.port || 443)
  const isSame =
    to.protocol === 'https:' &&
    to.hostname === from.hostname &&
    (port === knownPort || port === Number(from.port || 443))
  return isSame ? `${to.pathname}${to.search}` : undefined
}
