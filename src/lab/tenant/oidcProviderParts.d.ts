/**
 * The parts of oidc-provider that are brought in one by one: its entry writes to standard error on every Node that is not
 * under long-term support.
 */
declare module 'oidc-provider/lib/provider.js' {
  export { default as Provider } from 'oidc-provider'
}
declare module 'oidc-provider/lib/helpers/interaction_policy/index.js' {
  import { interactionPolicy } from 'oidc-provider'
  export import Check = interactionPolicy.Check
  export import Prompt = interactionPolicy.Prompt
  export import base = interactionPolicy.base
}
declare module 'oidc-provider/lib/helpers/errors.js' {
  import { errors } from 'oidc-provider'
  export import CustomOIDCProviderError = errors.CustomOIDCProviderError
  export import InvalidRequest = errors.InvalidRequest
}
