import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Directory } from './directory.ts'
import { html, type Markup, sendErrorPage, sendPage } from './pages.ts'
import type { Person } from './people.ts'
import { oneFactor, passedScope, stepUp, twoFactors } from './signInPolicy.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

const cancelled = {
  error: 'access_denied',
  error_description: 'AADSTS65004: User declined to consent to access the app.',
}

/** A page of a sign-in that was asked for, or posted. */
export interface SignInAsked {
  readonly provider: Provider
  readonly directory: Directory
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** What was posted; undefined to see the page. */
  readonly form: URLSearchParams | undefined
}

/**
 * The pages between an authorization request and its answer: people are picked, a second factor is imitated, consent is asked
 * for where the app wants that. A page belongs to the browser that has its cookie.
 */
export async function answerSignIn(asked: SignInAsked): Promise<void> {
  const { provider, request, response, form } = asked
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined)
  if (interaction === undefined) {
    const says = 'AADSTS165000: This sign-in is not of this browser, or it has ended. Start again from the app.'
    sendErrorPage(response, 400, says)
  } else if (form?.has('cancel')) await finish(asked, cancelled)
  else if (interaction.prompt.reasons.includes(stepUp)) await secondFactor(asked, interaction)
  else if (interaction.prompt.name !== 'consent') await pick(asked, interaction)
  else if (form?.has('accept')) await finish(asked, { consent: {} })
  else sendPage(response, consentPage(interaction))
}

type Result = Parameters<Provider['interactionResult']>[2]

/** Keeps what came of a page, and leads on. */
async function finish({ provider, request, response }: SignInAsked, result: Result, before?: () => Promise<void>) {
  const onward = await provider.interactionResult(request, response, result)
  await before?.()
  response.writeHead(303, { location: onward, 'cache-control': 'no-store' }).end()
}

async function pick(asked: SignInAsked, interaction: Interaction): Promise<void> {
  const { provider, directory, response, form } = asked
  const person = directory.person(form?.get('person') ?? '')
  if (person === undefined || person.isBlocked) {
    const refused = person && 'AADSTS50057: The user account is disabled.'
    sendPage(response, pickPage(interaction, directory, refused))
    return
  }
  const login = { accountId: person.id, amr: [...oneFactor], acr: String(directory.revocations(person.id)) }
  await finish(asked, { login, select_account: {} }, () => leaveSession(provider, interaction, person))
}

/** Another person takes the place of the one who was signed in: their session ends, without a page in between. */
async function leaveSession(provider: Provider, { session: begun }: Interaction, person: Person): Promise<void> {
  const session = begun?.uid === undefined ? undefined : await provider.Session.findByUid(begun.uid)
  if (session === undefined || session.accountId === undefined || session.accountId === person.id) return
  Object.assign(session, { accountId: undefined, loginTs: undefined, amr: undefined, authorizations: {} })
  await session.persist()
}

async function secondFactor(asked: SignInAsked, interaction: Interaction): Promise<void> {
  const { provider, directory, response, form } = asked
  const { accountId = '', uid = '' } = interaction.session ?? {}
  const person = directory.person(accountId)
  const number = numberOf(interaction.uid)
  const chosen = form?.get('number') ?? undefined
  if (person?.hasSecondFactor !== true || chosen !== String(number)) {
    const wrong = chosen === undefined ? undefined : 'That was another number.'
    sendPage(response, factorPage(person, number, wrong))
    return
  }
  const session = await provider.Session.findByUid(uid)
  const ts = session?.loginTs
  const acr = String(directory.revocations(accountId))
  await finish(asked, { login: { accountId, amr: [...twoFactors], acr, ...(ts !== undefined && { ts }) } })
}

/** Two digits that belong to the page. */
const numberOf = (uid: string): number => 10 + (createHash('sha256').update(uid).digest().readUInt16BE(0) % 90)

const appOf = (shown: Interaction, directory: Directory): string =>
  directory.app(String(shown.params['client_id']))?.name ?? 'An app'

const cancelButton = html`<button name="cancel" value="1">Cancel, and go back to the app</button>`
const problem = (text: string | undefined): Markup =>
  text === undefined ? html`` : html`<p id="error" role="alert">${text}</p>`

function pickPage(shown: Interaction, directory: Directory, refused: string | undefined) {
  const hint: unknown = shown.params['login_hint']
  const domain: unknown = shown.params['domain_hint']
  const meant = typeof hint === 'string' ? directory.personByHint(hint) : undefined
  const ofDomain = directory.people.filter(({ userName }) => userName.endsWith(`@${String(domain)}`))
  const offered = ofDomain.length > 0 ? ofDomain : directory.people
  const listed = [...offered].sort((one, other) => Number(other === meant) - Number(one === meant))
  return {
    title: 'Pick who signs in',
    content: html`<p>${appOf(shown, directory)} asks who you are.</p>${problem(refused)}
<form method="post"><ul>${listed.map(personButton)}</ul>${cancelButton}</form>`,
  }
}

const personButton = ({ id, name, userName, what }: Person): Markup =>
  html`<li><button name="person" value="${id}">${name}<small>${userName}</small><small>${what}</small></button></li>`

function factorPage(person: Person | undefined, number: number, wrong: string | undefined) {
  const name = person?.name ?? 'This person'
  const others = [number + 7, number + 31].map((one) => 10 + ((one - 10) % 90))
  const choices = [others[0] ?? 0, number, others[1] ?? 0].sort((one, other) => (one % 7) - (other % 7) || one - other)
  const title = 'A second factor is asked for'
  if (person?.hasSecondFactor !== true) {
    const says = `AADSTS50079: ${name} has no second factor, and cannot get in here.`
    return { title, content: html`${problem(says)}<form method="post">${cancelButton}</form>` }
  }
  return {
    title,
    content: html`<p>Entra ID would show ${name} a number, to be chosen on a phone. It is imitated here, phone and all.</p>
<p>The number is <strong id="number">${number}</strong>.</p>${problem(wrong)}
<form method="post" aria-label="The phone, imitated"><ul>${choices.map(
      (one) => html`<li><button name="number" value="${one}">${one}</button></li>`,
    )}</ul>${cancelButton}</form>`,
  }
}

function consentPage(shown: Interaction) {
  return {
    title: 'Permissions requested',
    content: html`<p>The app asks for: ${String(shown.params[passedScope] ?? '')}</p>
<form method="post"><button name="accept" value="1">Accept</button>${cancelButton}</form>`,
  }
}
