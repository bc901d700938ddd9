export interface CommentMatch {
  readonly name: "comment";
  readonly comment: string;
}
