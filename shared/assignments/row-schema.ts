import { z } from "zod";
import type { GraphTime, StorageTime } from "../base/clock.ts";

/** The words of which the schemas of stored rows are made. What is read from storage and what the core works with are one definition. */
export const graphTime: z.ZodType<GraphTime> = z.number();
export const storageTime: z.ZodType<StorageTime> = z.number();
export const text = z.string();
export const maybe = <T extends z.ZodType>(type: T) => type.nullable();
export const optional = <T extends z.ZodType>(type: T) => z.exactOptional(type);

/** One role in one scope: see `RolePrivilege`. */
export const rolePrivilege = { roleDefinitionId: text, directoryScopeId: text, appScopeId: text };

/** As it lies in storage. `schema` is raised when a row changes in a way that older code would misread. */
export const stored = <T extends z.core.$ZodLooseShape>(entity: z.ZodObject<T>) =>
  entity.extend({ schema: z.literal(1) });
