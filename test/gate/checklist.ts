import { asvsItems } from './checklistAsvs.ts'
import { oauthItems } from './checklistOAuth.ts'

/** Why no test shows an item. */
export type LeftOut =
  /** It is about a part that the gate is not: an authorization server, or the app behind it. */
  | 'not-ours'
  /** Whoever runs the gate decides it, and a setting or the documents say how. */
  | 'operator'
  /** It would be the gate's, and is not there. */
  | 'open'

/** One demand of a published list, and what shows that the gate meets it. */
export type ChecklistItem = {
  /** The list and the number in it: `RFC 9700 4.4`, `ASVS 7.2.3`. */
  readonly id: string
  /** What it asks for, in words of ours. */
  readonly asks: string
} & (
  | {
      /** Names of tests or of rows of tests, by file from the top of the tree. */
      readonly shownBy: Readonly<Record<string, readonly string[]>>
    }
  | { readonly leftOut: LeftOut; readonly because: string }
)

/**
 * What RFC 9700 (Best Current Practice for OAuth 2.0 Security) and chapters 7, 9, 10, 12 and 16 of the Application Security
 * Verification Standard 5.0 (https://github.com/OWASP/ASVS) ask for.
 */
export const checklist: readonly ChecklistItem[] = [...oauthItems, ...asvsItems]
