import type { HookContext } from './hook-context.ts'
import type { HookKind } from './hook-kind.ts'

/** What a builder knows about its function. */
export interface HookDefinition {
  readonly kind: HookKind
  /** Replaces the host's time limit for this function, in milliseconds. */
  readonly timeoutMs: number | undefined
  /** Runs the function with the author's `this`. */
  readonly run: (self: unknown, input: never, context: HookContext) => unknown
}

/** A function with a kind: what the fifteen builders return. The host calls it and checks what it returns. */
export interface TaggedHook<
  TKind extends HookKind = HookKind,
  TInput = unknown,
  TOutput = unknown,
> {
  (input: TInput, context: HookContext): Promise<TOutput>
  readonly kind: TKind
}

// In the global registry, so that an extension and its host may come from two installed copies.
const definitionKey = Symbol.for('mortise.hook-definition')

/** Makes the tagged function of a definition. */
export function tagHook<TKind extends HookKind, TInput, TOutput>(
  definition: HookDefinition & { readonly kind: TKind },
): TaggedHook<TKind, TInput, TOutput> {
  const tagged = async function (
    this: unknown,
    input: TInput,
    context: HookContext,
  ): Promise<TOutput> {
    return (await definition.run(this, input as never, context)) as TOutput
  }
  return Object.defineProperties(tagged, {
    name: { value: definition.kind },
    kind: { value: definition.kind, enumerable: true },
    [definitionKey]: { value: definition },
  }) as unknown as TaggedHook<TKind, TInput, TOutput>
}

/** The definition behind a tagged function; `undefined` for everything else. */
export function hookDefinitionOf(value: unknown): HookDefinition | undefined {
  return typeof value === 'function'
    ? (value as { [definitionKey]?: HookDefinition })[definitionKey]
    : undefined
}
