import { Agent, fetch } from 'undici'

/** What a browser shows, or where it was to go on to. */
export interface Seen {
  readonly url: string
  readonly status: number
  /** The address that it was sent to and did not follow. */
  readonly location: string | undefined
  readonly headers: { get(name: string): string | null }
  readonly text: string
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

const mostRedirects = 10

/**
 * A browser without script, for one machine: it keeps cookies by name and path and, as browsers do, not by port, and follows
 * redirects as long as they stay at the origins that it knows.
 */
export class PlainBrowser implements AsyncDisposable {
  readonly #agent: Agent
  readonly #origins: ReadonlySet<string>
  readonly #cookies = new Map<string, Cookie>()

  /** @param trust PEM of the root that it trusts */
  constructor(trust: string, ...origins: readonly string[]) {
    this.#agent = new Agent({ connect: { ca: trust } })
    this.#origins = new Set(origins)
  }

  /** Fetches a page, or posts a form, and follows where it leads. */
  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Seen> {
    let at = url
    let posted = form
    for (let steps = 0; steps < mostRedirects; steps += 1) {
      const seen = await this.#ask(at, posted)
      if (seen.location === undefined) return seen
      const next = new URL(seen.location, at)
      if (!this.#origins.has(next.origin)) return { ...seen, location: next.href }
      at = next.href
      posted = undefined
    }
    throw new Error(`${url} leads on and on, at last to ${at}`)
  }

  /** The Cookie field that goes to a path; empty where there is none. */
  cookiesFor(path: string): string {
    return [...this.#cookies.values()]
      .filter(
        (cookie) =>
          path === cookie.path || path.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.close()
  }

  async #ask(url: string, form: Readonly<Record<string, string>> | undefined): Promise<Seen> {
    const response = await fetch(url, {
      dispatcher: this.#agent,
      redirect: 'manual',
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { cookie: this.cookiesFor(new URL(url).pathname) },
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const location = response.headers.get('location') ?? undefined
    return { url, status: response.status, location, headers: response.headers, text: await response.text() }
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals)
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
    const path = attribute('path') ?? '/'
    const expires = attribute('expires')
    const key = `${name} ${path}`
    if (expires !== undefined && Date.parse(expires) <= Date.now()) this.#cookies.delete(key)
    else this.#cookies.set(key, { name, value: pair.slice(equals + 1), path })
  }
}
