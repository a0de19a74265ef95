import { withoutSignInValues } from '../wire/signInRequest.ts'
import { getUrl } from './getUrl.ts'
import type { Keep, Observe, Question } from './probe.ts'
import { attempt, shakeHands } from './shakeHands.ts'

/** Redirects within an app that are followed on the way to its sign-in; apps have one or two. */
const mostRedirects = 4

type Arguments = Parameters<Observe>
type Socket = Parameters<Arguments[1]['exchange']>[0]

export const observe: Observe = async (question, net, keep, limits) => {
  let sentTo: string | undefined
  await shakeHands(question, ['http/1.1'], net, keep, limits, async (socket) => {
    sentTo = await ask(socket, question, net, keep, limits)
  })
  // What an app says next is no repetition of the question: whatever comes of it, the app was reached.
  const aside: Keep = (seen) => keep(seen, { role: 'control', varies: 'path' })
  const asked = new Set([question.path ?? '/'])
  for (let path = sentTo; path !== undefined && !asked.has(path) && asked.size <= mostRedirects; ) {
    asked.add(path)
    path = await askNext({ ...question, path }, net, aside, limits)
  }
}

/** One more page of the same app, over a connection of its own; the state of its certificate is known by now. */
async function askNext(question: Question, net: Arguments[1], keep: Keep, limits: Arguments[3]) {
  const shaken = await attempt(question, { alpn: ['http/1.1'] }, net, keep, limits)
  if (shaken === undefined) return undefined
  keep(shaken.seen)
  return shaken.socket && (await ask(shaken.socket, question, net, keep, limits))
}

/** @returns the path that the app sends on to, where its sign-in is looked for and not found yet */
async function ask(
  socket: Socket,
  question: Question,
  net: Arguments[1],
  keep: Keep,
  limits: Arguments[3],
): Promise<string | undefined> {
  const { address, via, signIn } = question
  const url = getUrl('https', question)
  const asked = { url, address, method: 'GET', ...(signIn && ({ readsSignIn: true } as const)) } as const
  const { seen: answer, location } = await net.exchange(socket, asked, limits)
  // Where an app has sent us on there may be what belongs to this one visit.
  const seen = { ...answer, url: withoutSignInValues(answer.url) }
  keep(via === undefined ? seen : { ...seen, through: via.proxy })
  if (signIn === undefined || seen.signIn !== undefined || location === undefined) return undefined
  return pathWithin(location, url, signIn.port)
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
