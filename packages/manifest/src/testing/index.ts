export type { Check, TokenStoreContractOptions } from './token-store-contract.ts'
export { tokenStoreContract } from './token-store-contract.ts'
