/** What was registered in this process, or thread. */
export interface Registration {
  /** Names of the modules that are watched for. */
  readonly modules: readonly string[];
  /** Whether the SDK was started here; it is at the first telemetry, unless the application has one by then. */
  readonly startedSdk: boolean;
  /** Flushes and stops the SDK if it was started here; never rejects. Await it before `process.exit()`. */
  shutdown(): Promise<void>;
}

export const NO_REGISTRATION: Registration = {
  modules: [],
  startedSdk: false,
  shutdown: async () => undefined,
};
