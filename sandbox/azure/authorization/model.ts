export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface RoleDefinition {
  /** A GUID: the last segment of its id. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly type: 'BuiltInRole' | 'CustomRole';
  readonly permissions: readonly Permission[];
  readonly assignableScopes: readonly string[];
  readonly createdOn: string;
  readonly updatedOn: string;
  /** Absent for Azure's own roles. */
  readonly createdBy?: string;
  readonly updatedBy?: string;
}

export interface RoleAssignment {
  readonly name: string;
  readonly scope: string;
  /** The GUID of the role definition. */
  readonly role: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string;
  readonly updatedBy: string;
}
