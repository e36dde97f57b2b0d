/**
 * Where the attributes with a part of their own stand in an item. Found in one pass; values are read in a second one,
 * when the model, and so the columns, are known.
 */
import type { AttributeView } from './attribute-view.ts';
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
  groundTruth = -1;
  featureCount = 0;

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
    this.groundTruth = -1;
    this.featureCount = 0;
    const { attributeKey } = view;
    for (let a = start; a < end; a++) {
      const key = attributeKey[a];
      if (key < 0) continue;
      const role = roles[key];
      if (role === ROLE.none) continue;
      if (role === ROLE.feature) this.featureCount++;
      else if (role !== ROLE.output) this.#note(role, a);
    }
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
    else if (role === ROLE.groundTruth) this.groundTruth = attribute;
  }
}
