/**
 * Where the attributes with a part of their own stand in an item. Found in one pass; values are read in a second one,
 * when the model, and so the columns, are known.
 */
import { type AttributeView, VALUE } from './attribute-view.ts';
import { ROLE } from './roles.ts';

/** Index into the attribute arrays; −1 when the item has no such attribute. The last one wins. */
export class ItemAttributes {
  environment = -1;
  model = -1;
  version = -1;
  row = -1;
  eventTime = -1;
  probability = -1;
  missing = -1;
  eventName = -1;
  inferenceId = -1;
  /** The label. */
  groundTruth = -1;
  groundTruthValue = -1;
  packedValues = -1;
  schemaHash = -1;
  schemaNames = -1;
  mappedEnvironment = -1;
  mappedModel = -1;
  mappedVersion = -1;
  #hasRare = false;
  featureCount = 0;
  /** Features and outputs whose value is an array. */
  arrayCount = 0;

  /** @param roles role by key id */
  find(view: AttributeView, start: number, end: number, roles: Uint8Array): void {
    this.environment = -1;
    this.model = -1;
    this.version = -1;
    this.row = -1;
    this.eventTime = -1;
    this.probability = -1;
    this.missing = -1;
    this.eventName = -1;
    this.inferenceId = -1;
    if (this.#hasRare) this.#forgetRare();
    const { attributeKey, attributeType } = view;
    let featureCount = 0;
    let arrayCount = 0;
    for (let a = start; a < end; a++) {
      const key = attributeKey[a];
      if (key < 0) continue;
      const role = roles[key];
      if (role === ROLE.none) continue;
      if (role === ROLE.feature || role === ROLE.output) {
        if (role === ROLE.feature) featureCount++;
        if (attributeType[a] === VALUE.array) arrayCount++;
      } else this.#note(role, a);
    }
    this.featureCount = featureCount;
    this.arrayCount = arrayCount;
  }

  #note(role: number, attribute: number): void {
    if (role === ROLE.model) this.model = attribute;
    else if (role === ROLE.version) this.version = attribute;
    else if (role === ROLE.environment) this.environment = attribute;
    else if (role === ROLE.row) this.row = attribute;
    else if (role === ROLE.eventTime) this.eventTime = attribute;
    else if (role === ROLE.probability) this.probability = attribute;
    else if (role === ROLE.missing) this.missing = attribute;
    else if (role === ROLE.eventName) this.eventName = attribute;
    else if (role === ROLE.inferenceId) this.inferenceId = attribute;
    else this.#noteRare(role, attribute);
  }

  /** Most items have none of these: they cost nothing there. */
  #noteRare(role: number, attribute: number): void {
    this.#hasRare = true;
    if (role === ROLE.groundTruth) this.groundTruth = attribute;
    else if (role === ROLE.groundTruthValue) this.groundTruthValue = attribute;
    else if (role === ROLE.packedValues) this.packedValues = attribute;
    else if (role === ROLE.schemaHash) this.schemaHash = attribute;
    else if (role === ROLE.schemaNames) this.schemaNames = attribute;
    else if (role === ROLE.mappedModel) this.mappedModel = attribute;
    else if (role === ROLE.mappedVersion) this.mappedVersion = attribute;
    else if (role === ROLE.mappedEnvironment) this.mappedEnvironment = attribute;
  }

  #forgetRare(): void {
    this.#hasRare = false;
    this.groundTruth = -1;
    this.groundTruthValue = -1;
    this.packedValues = -1;
    this.schemaHash = -1;
    this.schemaNames = -1;
    this.mappedEnvironment = -1;
    this.mappedModel = -1;
    this.mappedVersion = -1;
  }
}
