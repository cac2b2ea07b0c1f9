/** What a gateway answers, as far as the CLI shows it. */
export interface FunctionStatus {
  readonly name: string
  readonly image: string
  readonly namespace?: string
  readonly envProcess?: string
  readonly envVars?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly constraints?: readonly string[]
  readonly secrets?: readonly string[]
  readonly limits?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
  readonly invocationCount?: number
  readonly replicas?: number
  readonly availableReplicas?: number
  readonly createdAt?: string
  /** How often replicas of this revision have ended without being asked to. */
  readonly restarts?: number
  readonly lastExit?: { readonly at: string; readonly reason: string }
  /** A service that ended too often: it is started only now and then. */
  readonly held?: boolean
  /** How far the canary under way is, and what it waits for. */
  readonly canary?: string
}

export interface GatewayInfo {
  readonly arch: string
  readonly provider: { readonly provider: string; readonly orchestration: string }
  readonly version: { readonly release: string; readonly sha: string }
}

export interface LogMessage {
  readonly name: string
  readonly instance: string
  readonly timestamp: string
  readonly text: string
}
