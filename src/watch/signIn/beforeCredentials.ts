import { membersOf } from '../../model/membersOf.ts'
import { discover } from './discover.ts'
import { endedLook, stoppedLook } from './lookOf.ts'
import type { SignInKind, SignInMeans } from './signInKind.ts'
import { subjectOf } from './signInKind.ts'
import type { Answered } from './steps.ts'
import { jsonOf, Steps } from './steps.ts'
import { entraTold, statusTold, toldOf } from './toldFailures.ts'

interface Page {
  /** Whether the row speaks of this address. */
  readonly is: (url: URL, means: SignInMeans) => boolean
  readonly what: string
  /** The tenant's own document is read first. */
  readonly discovers?: true
  /** What an answer lacks of what stands there before credentials; undefined: nothing. */
  readonly lacks: (answer: Answered, text: string) => string | undefined
}

const challenges = (answer: Answered): boolean =>
  answer.status === 401 && /\b(negotiate|ntlm)\b/i.test(answer.headers['www-authenticate'] ?? '')

const hasForm = (text: string): boolean => /<form\b/i.test(text) && /<(input|button)\b/i.test(text)

/** What is asked before anybody says who they are: the first row that is of an address counts. */
const pages: readonly Page[] = [
  {
    is: ({ hostname }) => /^autologon\.microsoftazuread-sso\./.test(hostname),
    what: 'the endpoint of Seamless SSO',
    lacks: (answer) => (challenges(answer) ? undefined : 'it does not ask for a Kerberos ticket (401 with Negotiate)'),
  },
  {
    is: ({ pathname }) => /\/\.well-known\/openid-configuration$/i.test(pathname),
    what: 'the discovery document',
    lacks: (answer) => {
      const { issuer, authorization_endpoint: authorize } = membersOf(jsonOf(answer))
      const isWhole = answer.status === 200 && typeof issuer === 'string' && typeof authorize === 'string'
      return isWhole ? undefined : 'it names no issuer and no authorization endpoint'
    },
  },
  {
    is: ({ pathname }) => /^\/adfs\/ls(\/|$)/i.test(pathname),
    what: 'the sign-in page of the federation service',
    // Inside, AD FS asks browsers for a Kerberos ticket in the place of a page.
    lacks: (answer, text) =>
      challenges(answer) || (answer.status === 200 && hasForm(text) && !/\bMSIS\d{4}\b/.test(text))
        ? undefined
        : 'it shows no form to sign in with',
  },
  {
    is: ({ host, pathname }, { authority }) => host === authority.host && /\/authorize$/.test(pathname),
    what: 'the sign-in page of the tenant',
    discovers: true,
    lacks: ({ status }, text) => (status === 200 && /<html\b/i.test(text) ? undefined : 'it shows no page'),
  },
  {
    is: () => true,
    what: 'the page',
    lacks: (answer) => (answer.status < 400 || challenges(answer) ? undefined : `it is answered with ${answer.status}`),
  },
]

const mostRedirects = 8

/** Asks what stands before credentials, and sends none. */
export const beforeCredentials: SignInKind = {
  async look(signIn, means, limits) {
    const steps = new Steps(subjectOf(signIn.name), means, limits)
    const at = steps.now()
    const { url = '' } = signIn
    const page = pages.find((one) => one.is(new URL(url), means))
    if (page === undefined) throw new RangeError('no row is of the address')
    const discovered = page.discovers === true ? await discover(steps, means) : undefined
    if (discovered?.ok === false) return stoppedLook(at, steps, discovered.outcome)
    const came = discovered === undefined ? {} : { keys: discovered.keys }
    let next = url
    for (let asked = 0; asked <= mostRedirects; asked += 1) {
      const answer = await steps.ask({ url: next, what: page.what, measure: 'authorize-ms' })
      if (!answer.ok) return stoppedLook(at, steps, answer.outcome, came)
      const to = answer.status >= 300 && answer.status < 400 ? locationOf(answer) : undefined
      if (to === undefined) return endedLook(at, steps, faultOf(page, answer), came)
      const refused = redirectFault(new URL(url), to)
      if (refused !== undefined) return endedLook(at, steps, refused, came)
      next = to.href
    }
    return endedLook(at, steps, toldOf('redirect-loop', `${page.what} leads on and on`), came)
  },
}

function locationOf({ location, url }: Answered): URL | undefined {
  return location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined
}

/** An error of Entra ID that goes back to an app in the address is no page. */
function redirectFault(begun: URL, to: URL) {
  const description = to.searchParams.get('error_description') ?? ''
  const code = /AADSTS(\d{4,9})\b/.exec(description)?.[1]
  if (code !== undefined) return entraTold(`the request at ${begun.host}`, { code, correlation: 'not sent' })
  if (to.protocol === 'https:') return undefined
  return toldOf('undetermined', `${begun.host} leads on to what is no HTTPS`, { verdict: 'wrong' })
}

function faultOf(page: Page, answer: Answered) {
  const text = new TextDecoder().decode(answer.body)
  const code = /AADSTS(\d{4,9})\b/.exec(text)?.[1]
  if (code !== undefined) return entraTold(page.what, { code, correlation: 'not sent' })
  const lacking = page.lacks(answer, text)
  if (lacking === undefined) return undefined
  if (answer.status >= 400 && answer.status !== 401) return statusTold(page.what, answer.status)
  return toldOf('undetermined', `${page.what} is not what it should be: ${lacking}`, {
    verdict: 'wrong',
    owner: 'directory',
  })
}
