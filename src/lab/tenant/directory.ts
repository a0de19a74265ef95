import type { AppRegistration } from './apps.ts'
import { graphApp } from './apps.ts'
import type { Person } from './people.ts'
import type { PersonChange } from './tenant.ts'

/** People and apps of the tenant as they are now. */
export class Directory {
  readonly #people = new Map<string, Person>()
  readonly #apps = new Map<string, AppRegistration>()
  /** How often the sign-ins of a person were revoked: what began before counts no more. */
  readonly #revocations = new Map<string, number>()

  constructor(people: readonly Person[], apps: readonly AppRegistration[], origin: string) {
    for (const person of people) this.#people.set(person.id, person)
    for (const app of [graphApp(origin), ...apps]) this.register(app)
  }

  get people(): readonly Person[] {
    return [...this.#people.values()]
  }

  get apps(): readonly AppRegistration[] {
    return [...this.#apps.values()]
  }

  person(id: string): Person | undefined {
    return this.#people.get(id)
  }

  /** By object id or user principal name, in either case of letters. */
  personByHint(hint: string): Person | undefined {
    const wanted = hint.toLowerCase()
    return this.people.find(({ id, userName }) => id === wanted || userName.toLowerCase() === wanted)
  }

  app(clientId: string): AppRegistration | undefined {
    return this.#apps.get(clientId.toLowerCase())
  }

  /** The app that offers an API, by client id or App ID URI. */
  api(identifier: string): AppRegistration | undefined {
    const wanted = identifier.replace(/\/$/, '')
    return this.apps.find(
      ({ clientId, api }) => api !== undefined && (clientId === wanted || api.identifierUris.includes(wanted)),
    )
  }

  revocations(person: string): number {
    return this.#revocations.get(person) ?? 0
  }

  register(app: AppRegistration): void {
    this.#apps.set(app.clientId, app)
  }

  change(id: string, change: PersonChange): void {
    const person = this.#people.get(id)
    if (person === undefined) throw new RangeError(`${id} is nobody of this tenant`)
    const { revoked, ...changed } = change
    this.#people.set(id, { ...person, ...changed })
    if (revoked) this.#revocations.set(id, this.revocations(id) + 1)
  }
}
